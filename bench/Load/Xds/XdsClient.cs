using System.Text;

namespace OrleansMesh.Load.Xds;

/// <summary>
/// One sidecar's side of ADS, as Envoy plays it: clusters first and as a wildcard, then what they refer to, then listeners as a wildcard, then what those and
/// their routes refer to; every response is acknowledged. A pure state machine: messages in, messages out. Not thread-safe.
/// </summary>
/// <remarks>Envoy would ask for listeners without the endpoints and secrets that clusters need after 15 s; this waits for them.</remarks>
/// <param name="node">The serialised node, which says who the sidecar is.</param>
/// <param name="listeners">Where it must listen to be complete, as <c>{ip}:{port}</c>.</param>
/// <param name="changed">Is told of each resource that came, changed or went: its type, what was held, what is held.</param>
internal sealed class XdsClient(
    Variant variant, ReadOnlyMemory<byte> node, IReadOnlySet<string> listeners, BodyCatalog bodies, Action<ResourceType, Body?, Body?> changed)
{
    private static readonly Held NotHeld = new("", null);

    private readonly TypeState[] _types = [.. ResourceType.All.Select(t => new TypeState(t))];
    private bool _nodeSent;
    private bool _resumed;

    /// <summary>Resources that came, over all streams.</summary>
    public long Resources { get; private set; }

    /// <summary>Resources that came on a stream after the first although the sidecar held them, unchanged, from the one before.</summary>
    public long Resent { get; private set; }

    /// <summary>Distinct contents that it holds, by type and name.</summary>
    public IReadOnlyDictionary<string, Held> HeldOf(ResourceType type) => State(type).Held;

    /// <summary>Begins a stream. What is held from an earlier one is said, and so is not needed again.</summary>
    public void Connected(Action<byte[]> send)
    {
        _nodeSent = false;
        _resumed = _types.Any(t => t.Started);
        State(ResourceType.Cluster).Started = true;
        foreach (var state in _types.Where(t => t.Started))
        {
            state.Nonce = "";
            state.FromEarlierStream = [.. state.Held.Keys];
            send(variant == Variant.Delta
                ? RequestWriter.Delta(state.Type, Node(), "", state.Names, [], state.Held.Select(h => (h.Key, h.Value.Version)))
                : RequestWriter.StateOfTheWorld(state.Type, Node(), "", state.Version, state.Names));
        }
    }

    /// <exception cref="InvalidDataException">The message is no discovery response.</exception>
    public void Receive(ReadOnlySpan<byte> message, Action<byte[]> send)
    {
        var response = new Response(variant, message);
        if (response.Type is not { } type)
            throw new InvalidDataException("a response for a type that was not asked for");
        var state = State(type);
        Adopt(state, response);
        Acknowledge(state, response, send);
        if (type == ResourceType.Cluster || type == ResourceType.Listener || type == ResourceType.Route)
            Resubscribe(send);
        var listening = State(ResourceType.Listener);
        if (!listening.Started && Missing(State(ResourceType.Cluster)).All(r => r.Type == ResourceType.Cluster))
        {
            listening.Started = true;
            Request(listening, [], [], send);
        }
    }

    /// <summary>It listens wherever it should, and holds everything that anything refers to.</summary>
    public bool IsComplete => CountsSuffice && !Lacking().Any();

    /// <summary>Asked after every message of a storm, so that counting comes before looking: what was asked for by name is what anything refers to.</summary>
    private bool CountsSuffice
        => State(ResourceType.Listener).Held.Count >= listeners.Count && ResourceType.ByName.All(t => State(t).Held.Count >= State(t).Names.Count);

    /// <summary>What it still needs, in words.</summary>
    public IEnumerable<string> Lacking()
    {
        var held = State(ResourceType.Listener).Held.Values.Select(l => l.Body!.Content.Address).ToHashSet(StringComparer.Ordinal);
        foreach (var address in listeners.Where(address => !held.Contains(address)))
            yield return $"a listener at {address}";
        foreach (var state in _types)
        {
            foreach (var missing in Missing(state))
                yield return $"{missing.Type} '{missing.Name}'";
        }
    }

    /// <summary>The endpoints to which traffic that comes in at a listener can go.</summary>
    public IReadOnlySet<string> EndpointsBehind(string address)
    {
        var listener = State(ResourceType.Listener).Held.Values.FirstOrDefault(l => l.Body!.Content.Address == address);
        var endpoints = new HashSet<string>(StringComparer.Ordinal);
        if (listener is not null)
            Follow(listener.Body!.Content, endpoints);
        return endpoints;
    }

    private void Follow(ResourceContent content, HashSet<string> endpoints)
    {
        endpoints.UnionWith(content.Endpoints);
        foreach (var reference in content.References)
        {
            if (State(reference.Type).Held.TryGetValue(reference.Name, out var held))
                Follow(held.Body!.Content, endpoints);
        }
    }

    private TypeState State(ResourceType type) => _types[type.Index];

    private ReadOnlyMemory<byte> Node()
    {
        if (_nodeSent)
            return default;
        _nodeSent = true;
        return node;
    }

    private void Adopt(TypeState state, Response response)
    {
        HashSet<string>? gone = variant == Variant.StateOfTheWorld && state.Type.IsWildcard ? [.. state.Held.Keys] : null;
        foreach (var item in response)
        {
            var name = Encoding.UTF8.GetString(item.Name);
            gone?.Remove(name);

            // Envoy takes no notice of what it did not ask for, so that nothing is gained by sending it early.
            if (!state.Type.IsWildcard && !state.Names.Contains(name))
                continue;
            var before = state.Held.GetValueOrDefault(name, NotHeld);
            if (item.IsRemoval)
            {
                Drop(state, name);
                continue;
            }

            Resources++;
            var body = bodies.Intern(state.Type, item.Body);
            if (_resumed && state.FromEarlierStream.Remove(name) && before.Body is { } held && held.Bytes.Span.SequenceEqual(body.Bytes.Span))
                Resent++;
            state.Held[name] = new Held(Encoding.UTF8.GetString(item.Version), body);
            changed(state.Type, before.Body, body);
        }

        foreach (var name in gone ?? [])
            Drop(state, name);
    }

    private void Drop(TypeState state, string name)
    {
        if (state.Held.Remove(name, out var held))
            changed(state.Type, held.Body, null);
    }

    private void Acknowledge(TypeState state, Response response, Action<byte[]> send)
    {
        state.Nonce = Encoding.UTF8.GetString(response.Nonce);
        if (variant == Variant.Delta)
        {
            send(RequestWriter.DeltaAck(state.Type, response.Nonce));
        }
        else
        {
            state.Version = Encoding.UTF8.GetString(response.Version);
            Request(state, [], [], send);
        }
    }

    /// <summary>Asks for what is referred to now, and for nothing else.</summary>
    private void Resubscribe(Action<byte[]> send)
    {
        var wanted = _types.SelectMany(t => t.Held.Values).SelectMany(h => h.Body!.Content.References).ToLookup(r => r.Type, r => r.Name);
        foreach (var state in ResourceType.ByName.Select(State))
        {
            var names = wanted[state.Type].ToHashSet(StringComparer.Ordinal);
            var added = names.Where(n => !state.Names.Contains(n)).Order(StringComparer.Ordinal).ToArray();
            var removed = state.Names.Where(n => !names.Contains(n)).ToArray();
            if (added.Length == 0 && removed.Length == 0)
                continue;
            state.Names.ExceptWith(removed);
            state.Names.UnionWith(added);
            foreach (var name in removed)
                Drop(state, name);
            state.Started = true;
            Request(state, added, removed, send);
        }
    }

    private void Request(TypeState state, string[] added, string[] removed, Action<byte[]> send)
        => send(variant == Variant.Delta
            ? RequestWriter.Delta(state.Type, Node(), "", added, removed, [])
            : RequestWriter.StateOfTheWorld(state.Type, Node(), state.Nonce, state.Version, state.Names));

    private IEnumerable<Reference> Missing(TypeState state)
        => state.Held.Values.SelectMany(h => h.Body!.Content.References).Where(r => !State(r.Type).Held.ContainsKey(r.Name)).Distinct();

    /// <summary>A resource that is held.</summary>
    internal sealed record Held(string Version, Body? Body);

    private sealed class TypeState(ResourceType type)
    {
        public ResourceType Type { get; } = type;

        public bool Started { get; set; }

        public string Nonce { get; set; } = "";

        public string Version { get; set; } = "";

        public SortedSet<string> Names { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Held> Held { get; } = new(StringComparer.Ordinal);

        /// <summary>What the sidecar said it holds when it came back, and has not been sent since.</summary>
        public HashSet<string> FromEarlierStream { get; set; } = [];
    }
}
