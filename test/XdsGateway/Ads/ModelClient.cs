using Envoy.Service.Discovery.V3;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Tests.Ads;

/// <summary>
/// A client as Envoy is one: it decodes what the session sends, applies it or refuses it, answers, and keeps its content when it reconnects.
/// Responses wait in <see cref="Inbox"/> until the test lets the client read them.
/// </summary>
internal abstract class ModelClient
{
    private readonly Dictionary<string, ClientType> _types = new(StringComparer.Ordinal);

    public AdsSession Session { get; private set; } = null!;

    public Queue<AdsResponse> Inbox { get; } = [];

    /// <summary>Every response that the client has read.</summary>
    public List<AdsResponse> Read { get; } = [];

    public List<AdsEvent> Events { get; } = [];

    /// <summary>What the client refuses.</summary>
    public Func<string, Content, bool> IsBad { get; set; } = (_, _) => false;

    /// <summary>Whether a NACK names the resource that is bad, as Envoy's does.</summary>
    public bool NamesBadResource { get; set; } = true;

    /// <summary>Whether a response of which a part is bad is applied in its other parts, as Envoy does with clusters and listeners.</summary>
    public bool AppliesGoodPart { get; set; }

    protected abstract AdsVariant Variant { get; }

    protected IEnumerable<(string Type, ClientType State)> Types => _types.Select(pair => (pair.Key, pair.Value));

    public static ModelClient Connect(AdsVariant variant, params TypeChange[] content)
    {
        ModelClient client = variant == AdsVariant.Delta ? new DeltaModelClient() : new SotwModelClient();
        client.Session = new AdsSession(variant);
        client.Session.Set(content);
        return client;
    }

    public ClientType Of(string type)
    {
        if (!_types.TryGetValue(type, out var state))
            _types[type] = state = new ClientType();
        return state;
    }

    /// <summary>Name and version of what the client has of the type, ordered.</summary>
    public string Has(string type) => string.Join(' ', Of(type).Content.Values.OrderBy(c => c.Name, StringComparer.Ordinal).Select(c => $"{c.Name}{c.Version}"));

    public void Set(params TypeChange[] changes)
    {
        Session.Set(changes);
        Drain();
    }

    public abstract void Subscribe(string type, params string[] names);

    public abstract void Unsubscribe(string type, params string[] names);

    /// <summary>Wildcard by a first request without names.</summary>
    public abstract void SubscribeToAll(string type);

    /// <summary>A new stream to a server that knows nothing of the old one. The client says what it wants and what it has.</summary>
    public void Reconnect(IEnumerable<TypeChange> content, IEnumerable<string>? order = null)
    {
        Inbox.Clear();
        Session = new AdsSession(Variant);
        Session.Set(content);
        var wanted = _types.Where(pair => pair.Value.Wildcard || pair.Value.Names.Count > 0).Select(pair => pair.Key).ToList();
        foreach (var type in (order ?? XdsType.InOrderOfAddition).Where(wanted.Contains))
            Resume(type);
        foreach (var type in _types.Keys.Except(wanted).ToList())
            _types.Remove(type);
    }

    /// <summary>Reads the oldest response in the inbox and answers it. Returns it, or null when there was none.</summary>
    public AdsResponse? ReadOne()
    {
        if (!Inbox.TryDequeue(out var response))
            return null;
        Read.Add(response);
        Apply(response);
        return response;
    }

    /// <summary>Reads until nothing comes any more, and returns what was read.</summary>
    public IReadOnlyList<AdsResponse> ReadAll()
    {
        var before = Read.Count;
        while (ReadOne() is not null)
            Assert.True(Read.Count - before < 10_000, "the session never stops sending");
        return Read[before..];
    }

    protected abstract void Resume(string type);

    protected abstract void Apply(AdsResponse response);

    protected void Received(IReadOnlyList<AdsEvent> events)
    {
        Events.AddRange(events);
        Drain();
    }

    protected void Drain()
    {
        while (Session.TrySend(out var response))
        {
            Assert.DoesNotContain(Inbox, waiting => waiting.Type == response.Type);
            Inbox.Enqueue(response);
        }
    }

    protected static byte[] Bytes(AdsResponse response) => [.. response.Segments.SelectMany(segment => segment.ToArray())];

    /// <summary>The words of a NACK, or null.</summary>
    protected Google.Rpc.Status? Judge(string type, IReadOnlyList<Content> contents)
    {
        var bad = contents.FirstOrDefault(content => IsBad(type, content));
        if (bad is null)
            return null;
        return new Google.Rpc.Status { Code = 13, Message = NamesBadResource ? $"Error adding/updating resource {bad.Name}: it does not validate" : "it does not validate" };
    }

    /// <summary>What a client knows of one type.</summary>
    internal sealed class ClientType
    {
        public bool Wildcard { get; set; }

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Content> Content { get; } = new(StringComparer.Ordinal);

        /// <summary>Version of the type that was accepted last; it survives the stream.</summary>
        public string Version { get; set; } = "";

        /// <summary>Nonce of the response that was read last on this stream.</summary>
        public string Nonce { get; set; } = "";

        public bool Includes(string name) => Wildcard || Names.Contains(name);

        public void ForgetUnwanted()
        {
            foreach (var name in Content.Keys.Where(name => !Includes(name)).ToList())
                Content.Remove(name);
        }
    }

    private sealed class DeltaModelClient : ModelClient
    {
        protected override AdsVariant Variant => AdsVariant.Delta;

        public override void Subscribe(string type, params string[] names) => Send(type, names, []);

        public override void Unsubscribe(string type, params string[] names) => Send(type, [], names);

        public override void SubscribeToAll(string type)
        {
            Of(type).Wildcard = true;
            Received(Session.Receive(new DeltaDiscoveryRequest { TypeUrl = type }));
        }

        protected override void Resume(string type)
        {
            var state = Of(type);
            var request = new DeltaDiscoveryRequest { TypeUrl = type, ResourceNamesSubscribe = { state.Names } };
            if (state.Wildcard && state.Names.Count > 0)
                request.ResourceNamesSubscribe.Add("*");
            foreach (var content in state.Content.Values)
                request.InitialResourceVersions[content.Name] = content.Version;
            Received(Session.Receive(request));
        }

        protected override void Apply(AdsResponse response)
        {
            var message = DeltaDiscoveryResponse.Parser.ParseFrom(Bytes(response));
            Assert.Equal(response.Nonce, message.Nonce);
            var state = Of(message.TypeUrl);
            var contents = message.Resources.Select(resource => Decoded(message.TypeUrl, resource)).ToList();
            var error = Judge(message.TypeUrl, contents);
            if (error is null || AppliesGoodPart)
            {
                foreach (var content in contents.Where(content => state.Includes(content.Name) && !IsBad(message.TypeUrl, content)))
                    state.Content[content.Name] = content;
                foreach (var name in message.RemovedResources)
                    state.Content.Remove(name);
            }

            Received(Session.Receive(new DeltaDiscoveryRequest { TypeUrl = message.TypeUrl, ResponseNonce = message.Nonce, ErrorDetail = error }));
        }

        private static Content Decoded(string type, Resource resource)
        {
            var content = Content.Decode(resource.Resource_);
            Assert.Equal((type, resource.Name, resource.Version), (resource.Resource_.TypeUrl, content.Name, content.Version));
            return content;
        }

        private void Send(string type, string[] subscribe, string[] unsubscribe)
        {
            var state = Of(type);
            state.Names.UnionWith(subscribe.Where(name => name != "*"));
            state.Wildcard |= subscribe.Contains("*");
            state.Names.ExceptWith(unsubscribe);
            state.Wildcard &= !unsubscribe.Contains("*");
            state.ForgetUnwanted();
            Received(Session.Receive(new DeltaDiscoveryRequest
            {
                TypeUrl = type,
                ResourceNamesSubscribe = { subscribe },
                ResourceNamesUnsubscribe = { unsubscribe },
            }));
        }
    }

    private sealed class SotwModelClient : ModelClient
    {
        protected override AdsVariant Variant => AdsVariant.StateOfTheWorld;

        public override void Subscribe(string type, params string[] names)
        {
            var state = Of(type);
            state.Names.UnionWith(names.Where(name => name != "*"));
            state.Wildcard |= names.Contains("*");
            Send(type);
        }

        public override void Unsubscribe(string type, params string[] names)
        {
            var state = Of(type);
            state.Names.ExceptWith(names);
            state.Wildcard &= !names.Contains("*");
            state.ForgetUnwanted();
            Send(type);
        }

        public override void SubscribeToAll(string type)
        {
            Of(type).Wildcard = true;
            Send(type);
        }

        protected override void Resume(string type)
        {
            Of(type).Nonce = "";
            Send(type);
        }

        protected override void Apply(AdsResponse response)
        {
            var message = DiscoveryResponse.Parser.ParseFrom(Bytes(response));
            Assert.Equal(response.Nonce, message.Nonce);
            var state = Of(message.TypeUrl);
            var contents = message.Resources.Select(Content.Decode).ToList();
            Assert.All(message.Resources, any => Assert.Equal(message.TypeUrl, any.TypeUrl));
            var error = Judge(message.TypeUrl, contents);
            state.Nonce = message.Nonce;
            if (error is null)
                state.Version = message.VersionInfo;
            if (error is null || AppliesGoodPart)
            {
                foreach (var content in contents.Where(content => state.Includes(content.Name) && !IsBad(message.TypeUrl, content)))
                    state.Content[content.Name] = content;
                if (message.TypeUrl is XdsType.Cluster or XdsType.Listener)
                {
                    foreach (var name in state.Content.Keys.Except(contents.Select(content => content.Name)).ToList())
                        state.Content.Remove(name);
                }
            }

            Send(message.TypeUrl, error);
        }

        private void Send(string type, Google.Rpc.Status? error = null)
        {
            var state = Of(type);
            var request = new DiscoveryRequest
            {
                TypeUrl = type,
                VersionInfo = state.Version,
                ResponseNonce = state.Nonce,
                ErrorDetail = error,
                ResourceNames = { state.Names },
            };
            if (state.Wildcard && state.Names.Count > 0)
                request.ResourceNames.Add("*");
            Received(Session.Receive(request));
        }
    }
}
