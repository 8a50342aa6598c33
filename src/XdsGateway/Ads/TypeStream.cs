using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// One type's part of a stream: what exists of it (the target), what the client wants of it, and what the client holds of it.
/// Names whose target may differ from what is held are dirty; nothing else is looked at when there is something to send.
/// </summary>
internal abstract class TypeStream(string type, AdsSession session)
{
    /// <summary>No resource has it.</summary>
    protected const string UnknownVersion = "";

    private static readonly Func<EncodedResource, string> NameOf = static resource => resource.Name;

    private readonly NameTable<EncodedResource> _target = new(NameOf);
    private readonly NameSet _pending = new();
    private readonly NameSet _absent = new();
    private readonly NameTable<Refusal> _rejected = new(static refusal => refusal.Name);
    private string _lastNonce = "";

    public string Type { get; } = type;

    public Subscription Subscription { get; } = new();

    /// <summary>Whether the client has asked for the type on this stream.</summary>
    public bool Started { get; protected set; }

    /// <summary>What the client held from an earlier stream is known, so that some of it may have to be taken away.</summary>
    public bool Resumed { get; protected set; }

    public InFlight? InFlight { get; private set; }

    /// <summary>The answer to which clusters the type has waited for since it last sent something; it waits for one only.</summary>
    public string? AwaitedNonce { get; set; }

    /// <summary>The resources that the client holds and that were sent on this stream.</summary>
    public IEnumerable<string> NamesSent => Held.Values.Where(held => !held.Body.IsEmpty).Select(held => held.Name);

    /// <summary>Something may have to be sent, or it is not known yet whether that is so.</summary>
    public bool HasNews => Dirty.Count > 0 || Owed || IsUnknown;

    /// <summary>Additions or changes wait to be sent, or it is not known yet whether there are any.</summary>
    public bool HasUnsentAdditions => Started && (IsUnknown || (Dirty.Count > 0 && Dirty.Any(name => Next(name, out _) == Step.Send)));

    /// <summary>The client holds what it is meant to hold, and has said so: nothing that it holds refers to something that is on its way out.</summary>
    public bool IsSettled =>
        !Started || (InFlight is null && Complete && Dirty.All(name => Next(name, out _) == Step.None) && !_rejected.Values.Any(refusal => refusal.KeepsOlder));

    public bool HasRefusals => _rejected.Count > 0;

    /// <summary>The client holds the resource as it is now, by its own word: in a request of before, or in its answer to what it was sent.</summary>
    public bool IsHeld(string name) => Started
        && _target.TryGetValue(name, out var resource)
        && Held.TryGetValue(name, out var held) && held.Version == resource.Version
        && InFlight?.Changes.Any(change => change.Name == name) is not true
        && !Asked.Contains(name);

    /// <summary>Only the version of the resource is there, and the client does not hold it.</summary>
    public bool IsBodyNeeded(string name) => Started && Next(name, out _) == Step.Obtain;

    /// <summary>The client wants all of it, and what all of it is has not been told.</summary>
    private bool IsUnknown => Subscription.Wildcard && !Complete;

    /// <summary>Nothing refers any more to what the target has lost.</summary>
    protected bool MayRemove => session.MayRemove(this);

    /// <summary>Everything that exists has been told. See <see cref="TypeChange"/>.</summary>
    protected bool Complete { get; private set; }

    protected NameTable<EncodedResource> Target => _target;

    /// <summary>
    /// What the client has, or will have when it accepts what is in flight. A body is empty where only the version is known, from the client.
    /// </summary>
    protected NameTable<EncodedResource> Held { get; } = new(NameOf);

    /// <summary>Names that the client has asked for and that were not answered yet: it is sent them even if it seems to hold them.</summary>
    protected NameSet Asked { get; } = new();

    protected NameSet Dirty { get; } = new();

    /// <summary>A response is expected even if there is nothing in it.</summary>
    protected bool Owed { get; set; }

    /// <summary>What has to be done about a name.</summary>
    protected enum Step
    {
        None,
        Send,
        Remove,

        /// <summary>The client must be sent the resource, of which only the version is there.</summary>
        Obtain,
    }

    /// <summary>The response to send now, or null.</summary>
    /// <param name="nonce">Its nonce, if there is one.</param>
    public abstract AdsResponse? Compose(string nonce);

    public void Apply(TypeChange change)
    {
        foreach (var resource in change.Upserted)
        {
            if (_rejected.TryGetValue(resource.Name, out var refusal) && refusal.Version != resource.Version)
                _rejected.Remove(resource.Name);
            _target.Set(resource);
            Subscription.Share(resource.Name);
            _pending.Remove(resource.Name);
            _absent.Remove(resource.Name);
            Touch(resource.Name);
        }

        foreach (var name in change.Removed)
        {
            _target.Remove(name);
            _pending.Remove(name);
            if (Subscription.Names(name))
                _absent.Add(name);
            _rejected.Remove(name);
            Touch(name);
        }

        foreach (var name in change.Pending.Where(name => !_target.ContainsKey(name)))
        {
            _pending.Add(name);
            _absent.Remove(name);
        }

        if (change.Complete && !Complete)
        {
            Complete = true;
            TouchAll();
        }
    }

    /// <summary>The client may need this resource once more although it has not changed.</summary>
    public void Resend(string name)
    {
        if (!Held.ContainsKey(name) || !_target.TryGetValue(name, out var resource) || IsRejected(resource))
            return;
        Asked.Add(name);
        Dirty.Add(name);
    }

    /// <summary>Takes note of the answer to the response in flight, if it is one. Returns what it means, if anything.</summary>
    /// <param name="error">The client's words in a NACK, or null in an ACK.</param>
    /// <param name="refusesAll">A NACK is taken to be about all that the response changed, whatever it names.</param>
    protected AdsEvent? Answer(string nonce, string? error, bool refusesAll = false)
    {
        if (InFlight is not { } answered || nonce != answered.Nonce)
            return null;
        InFlight = null;
        if (error is null)
            return new AdsEvent.Acknowledged(Type, nonce);

        // In what is removed there is nothing to refuse, unless there was nothing else.
        var suspects = answered.Changes.Where(change => refusesAll || change.Resource is not null || !answered.Adds).Select(change => change.Name).ToList();
        var concerned = refusesAll ? suspects : RejectedNames.Find(error, suspects);
        var refused = concerned.ToHashSet(StringComparer.Ordinal);
        foreach (var change in answered.Changes.Where(change => Subscription.Includes(change.Name)))
            TakeBack(change, refused.Contains(change.Name));
        return new AdsEvent.Rejected(Type, nonce, error, concerned);
    }

    protected bool IsStale(string nonce) => _lastNonce.Length > 0 && nonce != _lastNonce;

    protected void Ask(string name)
    {
        _rejected.Remove(name);
        Asked.Add(name);
        Dirty.Add(name);
    }

    protected void AskAll()
    {
        foreach (var name in _target.Keys)
            Ask(name);
    }

    protected void TouchAll()
    {
        Dirty.UnionWith(_target.Keys.Where(Subscription.Includes));
        Dirty.UnionWith(Held.Keys);
        Dirty.UnionWith(Asked);
    }

    /// <summary>The client no longer wants <paramref name="name"/>, which may be <c>*</c>, and forgets it.</summary>
    protected void Forget(string name)
    {
        if (name == Subscription.All)
        {
            foreach (var held in Held.Keys.Concat(Dirty).Concat(_rejected.Keys).Where(held => !Subscription.Includes(held)).ToList())
                ForgetOne(held);
            Owed = false;
        }
        else if (!Subscription.Includes(name))
        {
            ForgetOne(name);
        }
    }

    protected Step Next(string name, out EncodedResource? resource)
    {
        resource = null;
        if (!Subscription.Includes(name))
            return Step.None;

        if (_target.TryGetValue(name, out resource))
        {
            if (!Complete && !Subscription.Names(name))
                return Step.None;
            if (!Asked.Contains(name) && (IsRejected(resource) || (Held.TryGetValue(name, out var held) && held.Version == resource.Version)))
                return Step.None;
            return resource.Body.IsEmpty ? Step.Obtain : Step.Send;
        }

        if (!IsKnownAbsent(name))
            return Step.None;
        if (Held.ContainsKey(name))
            return _rejected.ContainsKey(name) ? Step.None : Step.Remove;
        return Asked.Contains(name) ? Step.Remove : Step.None;
    }

    protected bool IsKnownAbsent(string name) =>
        !_target.ContainsKey(name) && (Complete ? !_pending.Contains(name) : _absent.Contains(name));

    protected bool IsRejected(EncodedResource resource) =>
        _rejected.TryGetValue(resource.Name, out var refusal) && refusal.Version == resource.Version;

    /// <summary>What the client may hold, in a version that is not known.</summary>
    protected static EncodedResource Unknown(string name) => new(name, UnknownVersion, default);

    protected void Sent(string nonce, IReadOnlyList<SentChange> changes)
    {
        _lastNonce = nonce;
        InFlight = new InFlight(nonce, changes);
        AwaitedNonce = null;
    }

    private void Touch(string name)
    {
        if (Subscription.Includes(name))
            Dirty.Add(name);
    }

    private void ForgetOne(string name)
    {
        Held.Remove(name);
        Asked.Remove(name);
        Dirty.Remove(name);
        _rejected.Remove(name);
        _absent.Remove(name);
    }

    private void TakeBack(SentChange change, bool refused)
    {
        // Not what was sent: the client has forgotten it in the meantime.
        if (!ReferenceEquals(Held.GetValueOrDefault(change.Name), change.Resource))
            return;

        // Part of a response that was refused may have been applied all the same: what was new in it is held, or not, in no known version.
        if (change.Previous is { } previous)
            Held.Set(previous);
        else if (change.Resource is not null)
            Held.Set(Unknown(change.Name));

        Dirty.Add(change.Name);
        if (!refused)
        {
            if (change.WasAsked)
                Asked.Add(change.Name);
        }
        else if (_target.GetValueOrDefault(change.Name)?.Version == change.Resource?.Version)
        {
            var version = change.Resource?.Version;
            _rejected.Set(new Refusal(change.Name, version, KeepsOlder: change.Previous is not null && change.Previous.Version != version));
        }
    }

    /// <summary>The client's no to a version, or, where it is null, to a removal.</summary>
    /// <param name="KeepsOlder">It may go on with something older, which may refer to what the newer would not.</param>
    private readonly record struct Refusal(string Name, string? Version, bool KeepsOlder);
}
