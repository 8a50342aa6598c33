using Envoy.Service.Discovery.V3;
using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>One type in the delta variant. Source: the xDS protocol, "Incremental xDS".</summary>
internal sealed class DeltaTypeStream(string type, AdsSession session) : TypeStream(type, session)
{
    public void Receive(DeltaDiscoveryRequest request, List<AdsEvent> events)
    {
        // An answer to an older response is no answer any more; what it says about the subscription counts all the same.
        if (Answer(request.ResponseNonce, request.ErrorDetail?.Message) is { } answer)
            events.Add(answer);

        var isFirst = !Started;
        Started = true;
        var difference = Subscription.Update(request.ResourceNamesSubscribe, request.ResourceNamesUnsubscribe);
        if (isFirst)
            Resume(request.InitialResourceVersions);
        foreach (var name in difference.Added.Concat(difference.AskedAgain))
            Subscribe(name, isFirst);
        foreach (var name in difference.Removed)
            Unsubscribe(name);
        if (difference.Added.Count > 0)
            ExpectWhatIsUnderWay();

        if (!difference.IsEmpty)
        {
            events.Add(new AdsEvent.SubscriptionChanged(Type, difference.Added, difference.Removed,
                isFirst ? new Dictionary<string, string>(request.InitialResourceVersions) : new Dictionary<string, string>()));
        }
    }

    public override AdsResponse? Compose(string nonce)
    {
        var resources = new List<EncodedResource>();
        var removed = new List<string>();
        var waiting = new List<string>();
        bool? mayRemove = null;
        foreach (var name in Dirty)
        {
            switch (Next(name, out var resource))
            {
                case Step.Send:
                    resources.Add(resource!);
                    break;
                case Step.Remove when !Held.ContainsKey(name) || (mayRemove ??= MayRemove):
                    removed.Add(name);
                    break;
                case Step.Remove:
                    waiting.Add(name);
                    if (Asked.Contains(name) && Held.GetValueOrDefault(name) is { Body.IsEmpty: false } lingering)
                        resources.Add(lingering);
                    break;
            }
        }

        Dirty.Clear();
        Dirty.UnionWith(waiting);
        if (resources.Count == 0 && removed.Count == 0 && !(Owed && Complete))
            return null;

        Owed &= !Complete;
        resources.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        removed.Sort(StringComparer.Ordinal);
        var changes = new List<SentChange>(resources.Count + removed.Count);
        foreach (var resource in resources)
        {
            changes.Add(new SentChange(resource.Name, resource, Held.GetValueOrDefault(resource.Name), Asked.Remove(resource.Name)));
            Held.Set(resource);
        }

        foreach (var name in removed)
        {
            Held.Remove(name, out var previous);
            changes.Add(new SentChange(name, null, previous, Asked.Remove(name)));
        }

        Sent(nonce, changes);
        return new AdsResponse(Type, nonce, "", resources, removed, ResponseEncoding.Delta(Type, nonce, resources, removed));
    }

    private void Resume(IDictionary<string, string> versions)
    {
        foreach (var (name, version) in versions.Where(held => Subscription.Includes(held.Key)))
        {
            Held.Set(new EncodedResource(name, version, default));
            Dirty.Add(name);
            Resumed = true;
        }
    }

    private void Subscribe(string name, bool isFirst)
    {
        if (name != Subscription.All)
        {
            if (!(isFirst && Held.ContainsKey(name)))
                Ask(name);
        }
        else if (isFirst)
        {
            Owed = !Resumed;
            TouchAll();
        }
        else
        {
            Owed = true;
            AskAll();
        }
    }

    /// <summary>What was given up and is wanted again, while a response with it is under way, is applied when that arrives.</summary>
    private void ExpectWhatIsUnderWay()
    {
        foreach (var change in InFlight?.Changes ?? [])
        {
            if (change.Resource is not null && Subscription.Includes(change.Name) && Held.TryAdd(Unknown(change.Name)))
                Dirty.Add(change.Name);
        }
    }

    private void Unsubscribe(string name)
    {
        // Still covered by the wildcard: the client cannot know whether to keep it, and must be told.
        if (name != Subscription.All && Subscription.Wildcard)
            Ask(name);
        else
            Forget(name);
    }
}
