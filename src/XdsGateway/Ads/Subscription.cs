namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// What a client wants of one type: names, all (<c>*</c>), or both. A client that has never named anything wants all.
/// Source: the xDS protocol, "How the client specifies what resources to return".
/// </summary>
internal sealed class Subscription
{
    public const string All = "*";

    private readonly NameSet _names = new();
    private bool _started;
    private bool _hasNamed;

    public bool Wildcard { get; private set; }

    public int Count => _names.Count;

    public bool Names(string name) => _names.Contains(name);

    public bool Includes(string name) => Wildcard || _names.Contains(name);

    /// <summary>Keeps this very text of a name that is in it, which the client sent once more.</summary>
    public void Share(string name) => _names.Share(name);

    /// <summary>The state of the world: <paramref name="names"/> is all that is wanted from now on.</summary>
    public SubscriptionDifference Replace(IReadOnlyCollection<string> names)
    {
        if (names.Count == 0 && !_hasNamed)
            return StartLegacyWildcard();

        var wanted = names.ToHashSet(StringComparer.Ordinal);
        var dropped = _names.Where(name => !wanted.Contains(name)).ToList();
        if (Wildcard && !wanted.Contains(All))
            dropped.Add(All);
        return Update(wanted, dropped);
    }

    /// <summary>Delta. What is subscribed to again counts as added: the client may have forgotten it, and must be sent it.</summary>
    public SubscriptionDifference Update(IReadOnlyCollection<string> subscribe, IReadOnlyCollection<string> unsubscribe)
    {
        if (subscribe.Count == 0 && !_hasNamed && !unsubscribe.Contains(All))
            return StartLegacyWildcard();

        _started = true;
        _hasNamed |= subscribe.Count > 0;
        var difference = new SubscriptionDifference();
        foreach (var name in subscribe)
        {
            var isNew = name == All ? !Wildcard : !_names.Contains(name);
            (isNew ? difference.Added : difference.AskedAgain).Add(name);
            if (name == All)
                Wildcard = true;
            else
                _names.Add(name);
        }

        foreach (var name in unsubscribe)
        {
            var wasThere = name == All ? Wildcard : _names.Remove(name);
            if (name == All)
                Wildcard = false;
            if (wasThere)
                difference.Removed.Add(name);
        }

        return difference;
    }

    private SubscriptionDifference StartLegacyWildcard()
    {
        var difference = new SubscriptionDifference();
        if (!_started)
        {
            Wildcard = true;
            difference.Added.Add(All);
        }

        _started = true;
        return difference;
    }
}

/// <summary>How a request changed a subscription.</summary>
internal sealed class SubscriptionDifference
{
    public List<string> Added { get; } = [];

    /// <summary>Subscribed to by name in this request, and before it.</summary>
    public List<string> AskedAgain { get; } = [];

    public List<string> Removed { get; } = [];

    public bool IsEmpty => Added.Count == 0 && Removed.Count == 0;
}
