using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Envoy.Service.Discovery.V3;
using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// One xDS stream as a pure state machine: requests and changes of the content go in, responses come out. No I/O, no clock, no random.
/// </summary>
/// <remarks>
/// Source of its rules: the xDS protocol, https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol.
/// <list type="bullet">
/// <item>Per type at most one response is unanswered. Changes meanwhile are kept as names only, so a slow client costs no more than its content.</item>
/// <item>What the client holds already is not sent, also after it reconnects, unless the client asks for it by name once more.</item>
/// <item>Additions go in <see cref="XdsType.InOrderOfAddition"/>; listeners and routes also wait for the answer to clusters that were just sent.
/// Resources are removed when the types that may refer to them have no change left that the client has not accepted. What a client refused to
/// change still refers to what it did.</item>
/// <item>What was refused is not sent again until its content changes. What was in the same response, and is not named in the client's
/// message while something else is, is sent again without it.</item>
/// <item>A cluster that changes is followed by its endpoints, although they did not change: Envoy uses the new cluster only when they have arrived.
/// They are found by the cluster's name: a <c>ClusterLoadAssignment</c> must bear the name of its cluster. Routes need no such thing: of a
/// changed listener Envoy uses those that it has.</item>
/// <item>A resource of which only the version is given (<see cref="IsBodyNeeded"/>) is never sent; a client that holds that version is content.</item>
/// </list>
/// Not thread-safe: its owner calls it from one place at a time.
/// </remarks>
public sealed class AdsSession
{
    /// <summary>Types that one stream may ask for.</summary>
    public const int MaxTypes = 64;

    /// <summary>Names of one type that one stream may ask for.</summary>
    public const int MaxNames = 100_000;

    private readonly AdsVariant _variant;
    private readonly List<TypeStream> _streams;
    private bool _reconnectConcluded;
    private long _nonces;

    public AdsSession(AdsVariant variant)
    {
        _variant = variant;
        _streams = [.. XdsType.InOrderOfAddition.Select(NewStream)];
    }

    /// <summary>A request of the state-of-the-world variant. Ask <see cref="TrySend"/> afterwards.</summary>
    /// <exception cref="InvalidOperationException">The session is of the other variant.</exception>
    public IReadOnlyList<AdsEvent> Receive(DiscoveryRequest request)
    {
        Expect(AdsVariant.StateOfTheWorld);
        if (request.ResourceNames.Count > MaxNames)
            return [TooManyNames(request.TypeUrl)];
        if (!TryFind(request.TypeUrl, out var stream, out var error))
            return [error];

        var events = new List<AdsEvent>(2);
        ((SotwTypeStream)stream).Receive(request, events);
        return events;
    }

    /// <summary>A request of the delta variant. Ask <see cref="TrySend"/> afterwards.</summary>
    /// <exception cref="InvalidOperationException">The session is of the other variant.</exception>
    public IReadOnlyList<AdsEvent> Receive(DeltaDiscoveryRequest request)
    {
        Expect(AdsVariant.Delta);
        if (!TryFind(request.TypeUrl, out var stream, out var error))
            return [error];
        if (stream.Subscription.Count + request.ResourceNamesSubscribe.Count > MaxNames || request.InitialResourceVersions.Count > MaxNames)
            return [TooManyNames(request.TypeUrl)];

        var isFirst = !stream.Started;
        var events = new List<AdsEvent>(2);
        ((DeltaTypeStream)stream).Receive(request, events);
        if (isFirst && stream.Type == XdsType.Endpoints)
            ResendEndpoints(Find(XdsType.Cluster)!.NamesSent);
        return events;
    }

    /// <summary>
    /// What exists for this proxy has changed. Changes that belong together are given together: a cluster with the listener that uses it.
    /// Ask <see cref="TrySend"/> afterwards.
    /// </summary>
    public void Set(IEnumerable<TypeChange> changes)
    {
        foreach (var change in changes)
        {
            var stream = Find(change.Type) ?? throw new ArgumentException($"'{change.Type}' is not a type of {nameof(XdsType)}", nameof(changes));
            stream.Apply(change);
        }
    }

    /// <summary>
    /// No listeners will be asked for. Until they are, or this is called, a client that brought resources from an earlier stream keeps those
    /// that exist no longer, because listeners that it also brought may use them.
    /// </summary>
    public void ConcludeReconnect() => _reconnectConcluded = true;

    /// <summary>The next response that is to be sent now. Call again until there is none.</summary>
    public bool TrySend([NotNullWhen(true)] out AdsResponse? response)
    {
        foreach (var stream in _streams)
        {
            if (!stream.Started || stream.InFlight is not null)
                continue;
            if (!stream.HasNews)
            {
                stream.AwaitedNonce = null;
                continue;
            }

            if (MustWait(stream))
                continue;
            var nonce = (_nonces + 1).ToString(CultureInfo.InvariantCulture);
            response = stream.Compose(nonce);
            if (response is null)
                continue;

            _nonces++;
            if (stream.Type == XdsType.Cluster)
                ResendEndpoints(stream.InFlight!.Changes.Where(change => change.Resource is not null).Select(change => change.Name));
            return true;
        }

        response = null;
        return false;
    }

    /// <summary>
    /// A resource may be given with its version alone, when only a client that holds it already is expected to want it. True when the client wants it
    /// and does not hold it: it is left waiting until the resource is given with its body.
    /// </summary>
    public bool IsBodyNeeded(string type, string name) => Find(type)?.IsBodyNeeded(name) == true;

    /// <summary>The client has asked for the type and holds all of it that it is meant to hold: what it was sent, and what it had from an earlier stream.</summary>
    public bool IsHeld(string type) => Find(type) is { Started: true, IsSettled: true, HasRefusals: false };

    /// <summary>The client has asked for this resource.</summary>
    public bool IsWanted(string type, string name) => Find(type) is { Started: true } stream && stream.Subscription.Includes(name);

    /// <summary>The client holds the resource as it is now, and has said so.</summary>
    public bool IsHeld(string type, string name) => Find(type)?.IsHeld(name) == true;

    /// <summary>The client has refused resources of the type that have not changed since.</summary>
    public bool HasRefusals(string type) => Find(type)?.HasRefusals == true;

    /// <summary>Nothing refers any more to what the type has lost, as far as the client has said.</summary>
    internal bool MayRemove(TypeStream stream)
    {
        var referrers = XdsOrder.Referrers(stream.Type);
        if (referrers.Length > 0 && stream.Resumed && !_reconnectConcluded && !Find(XdsType.Listener)!.Started)
            return false;
        return Array.TrueForAll(referrers, referrer => Find(referrer)!.IsSettled);
    }

    private bool MustWait(TypeStream stream) =>
        AwaitsClusters(stream) || Array.Exists(XdsOrder.Before(stream.Type), before => Find(before)!.HasUnsentAdditions);

    /// <summary>
    /// Listeners and routes wait for the answer to the clusters under way, but not for that to the next ones: clusters that change all the time must
    /// not hold them up.
    /// </summary>
    private bool AwaitsClusters(TypeStream stream)
    {
        if (!stream.HasUnsentAdditions)
            stream.AwaitedNonce = null;
        else if (XdsOrder.UsesClusters(stream.Type) && Find(XdsType.Cluster)!.InFlight is { Adds: true } clusters)
            return (stream.AwaitedNonce ??= clusters.Nonce) == clusters.Nonce;
        return false;
    }

    private void ResendEndpoints(IEnumerable<string> clusters)
    {
        var endpoints = Find(XdsType.Endpoints)!;
        foreach (var name in clusters)
            endpoints.Resend(name);
    }

    private TypeStream? Find(string type) => _streams.Find(stream => stream.Type == type);

    private bool TryFind(string type, [NotNullWhen(true)] out TypeStream? stream, [NotNullWhen(false)] out AdsEvent? error)
    {
        error = null;
        stream = Find(type);
        if (stream is not null)
            return true;

        if (type.Length == 0)
            error = new AdsEvent.ProtocolError("type_url is missing");
        else if (_streams.Count >= MaxTypes)
            error = new AdsEvent.ProtocolError($"more than {MaxTypes} types on one stream");
        if (error is not null)
            return false;

        // A type that is not served: nothing of it exists.
        stream = NewStream(type);
        stream.Apply(new TypeChange(type, Complete: true));
        _streams.Add(stream);
        return true;
    }

    private TypeStream NewStream(string type) => _variant == AdsVariant.Delta ? new DeltaTypeStream(type, this) : new SotwTypeStream(type, this);

    private static AdsEvent.ProtocolError TooManyNames(string type) => new($"more than {MaxNames} resource names of type '{type}'");

    private void Expect(AdsVariant variant)
    {
        if (_variant != variant)
            throw new InvalidOperationException($"a request of the variant {variant} on a stream of the variant {_variant}");
    }
}
