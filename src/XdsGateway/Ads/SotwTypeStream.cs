using Envoy.Service.Discovery.V3;
using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// One type in the state-of-the-world variant. Clusters and listeners travel as whole sets, in which what is missing is removed; of the other
/// types each response carries what is new, and nothing can be removed.
/// Source: the xDS protocol, "Grouping Resources into Responses" and "Deleting Resources".
/// </summary>
internal sealed class SotwTypeStream(string type, AdsSession session) : TypeStream(type, session)
{
    private readonly bool _wholeSets = type is XdsType.Cluster or XdsType.Listener;

    /// <summary>
    /// The client has a whole set from an earlier stream, of which nothing is known. To leave out a resource, because it was refused and no older one
    /// is at hand, would take an older one from the client. So it is not left out, and nothing is sent again before the content changes.
    /// </summary>
    private bool _holdsUnknown;

    /// <summary>The version of the whole set that the client says it holds from an earlier stream, until that was looked at.</summary>
    private string _resumeVersion = "";

    public void Receive(DiscoveryRequest request, List<AdsEvent> events)
    {
        // A request that the client sent before it saw the last response is no answer, and is not answered: nothing is sent before the client
        // answers that response. What it wants is noted all the same: it may give a name up and ask for it again in the meantime, and has forgotten it.
        if (IsStale(request.ResponseNonce) && InFlight is null)
            return;
        if (Answer(request.ResponseNonce, request.ErrorDetail?.Message, refusesAll: _holdsUnknown) is { } answer)
        {
            events.Add(answer);
            _holdsUnknown &= answer is AdsEvent.Rejected;
        }

        var isFirst = !Started;
        if (isFirst)
            _holdsUnknown = _wholeSets && request.VersionInfo.Length > 0;
        Started = true;
        var difference = Subscription.Replace(request.ResourceNames);
        foreach (var name in difference.Added)
            Subscribe(name);
        foreach (var name in difference.Removed)
            Forget(name);

        // Only "everything" means the same on two streams. Of names the client may have dropped and asked for again some that it no longer holds.
        if (!difference.IsEmpty)
        {
            _resumeVersion = isFirst && _wholeSets && Subscription.Wildcard && Subscription.Count == 0 ? request.VersionInfo : "";
            events.Add(new AdsEvent.SubscriptionChanged(Type, difference.Added, difference.Removed, new Dictionary<string, string>()));
        }
    }

    public override AdsResponse? Compose(string nonce) => _wholeSets ? ComposeWholeSet(nonce, MayRemove) : ComposeNews(nonce);

    private AdsResponse? ComposeWholeSet(string nonce, bool mayRemove)
    {
        if (!Complete)
            return null;

        var set = WholeSet(mayRemove);
        if (_resumeVersion.Length > 0 && TakeUp(set))
            return null;

        var waiting = Dirty.Where(name => Next(name, out _) == Step.Remove && Held.ContainsKey(name) && !mayRemove).ToList();
        var isNews = Owed || Dirty.Any(name => Next(name, out _) switch
        {
            Step.Send => true,
            Step.Remove => mayRemove || !Held.ContainsKey(name),
            _ => false,
        });
        Dirty.Clear();
        Dirty.UnionWith(waiting);
        if (!isNews)
            return null;

        Owed = false;
        var changes = set
            .Where(resource => Asked.Contains(resource.Name) || Held.GetValueOrDefault(resource.Name)?.Version != resource.Version)
            .Select(resource => new SentChange(resource.Name, resource, Held.GetValueOrDefault(resource.Name), Asked.Contains(resource.Name)))
            .ToList();
        var names = set.Select(resource => resource.Name).ToHashSet(StringComparer.Ordinal);
        changes.AddRange(Held.Values.Where(held => !names.Contains(held.Name)).Select(held => new SentChange(held.Name, null, held, false)));
        Asked.Clear();
        Held.Clear();
        foreach (var resource in set)
            Held.Set(resource);
        return Respond(nonce, TypeVersion.Of(set), set, changes);
    }

    /// <summary>The set that the client is to have now: of what it refused, the last good one; and what is to go but may still be in use.</summary>
    private List<EncodedResource> WholeSet(bool mayRemove)
    {
        var set = new List<EncodedResource>();
        foreach (var resource in Target.Values.Where(resource => Subscription.Includes(resource.Name)))
        {
            if (Asked.Contains(resource.Name) || !IsRejected(resource))
                set.Add(resource);
            else if (Held.GetValueOrDefault(resource.Name) is { Body.IsEmpty: false } lastGood)
                set.Add(lastGood);
            else if (_holdsUnknown)
                set.Add(resource);
        }

        set.AddRange(Held.Values.Where(held =>
            !held.Body.IsEmpty && !Target.ContainsKey(held.Name) && (!mayRemove || !IsKnownAbsent(held.Name))));
        set.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return set;
    }

    /// <summary>True when the client holds this very set already.</summary>
    private bool TakeUp(List<EncodedResource> set)
    {
        var isHeld = TypeVersion.Of(set) == _resumeVersion;
        _resumeVersion = "";
        if (!isHeld)
            return false;

        foreach (var resource in set)
            Held.Set(resource);
        Asked.Clear();
        Dirty.Clear();
        Owed = false;
        _holdsUnknown = false;
        return true;
    }

    private AdsResponse? ComposeNews(string nonce)
    {
        var news = new List<EncodedResource>();
        foreach (var name in Dirty)
        {
            if (Next(name, out var resource) == Step.Send)
                news.Add(resource!);
        }

        Dirty.Clear();
        if (news.Count == 0 && !(Owed && Complete))
            return null;

        Owed &= !Complete;
        news.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        var changes = new List<SentChange>(news.Count);
        foreach (var resource in news)
        {
            changes.Add(new SentChange(resource.Name, resource, Held.GetValueOrDefault(resource.Name), Asked.Remove(resource.Name)));
            Held.Set(resource);
        }

        var version = TypeVersion.Of(Held.Values.Where(held => held.Version != UnknownVersion).OrderBy(held => held.Name, StringComparer.Ordinal));
        return Respond(nonce, version, news, changes);
    }

    private AdsResponse Respond(string nonce, string version, List<EncodedResource> resources, List<SentChange> changes)
    {
        Sent(nonce, changes);
        return new AdsResponse(Type, nonce, version, resources, [], ResponseEncoding.StateOfTheWorld(Type, nonce, version, resources));
    }

    private void Subscribe(string name)
    {
        if (name != Subscription.All)
        {
            Ask(name);
            Owed |= _wholeSets;
        }
        else
        {
            Owed = true;
            AskAll();
        }
    }
}
