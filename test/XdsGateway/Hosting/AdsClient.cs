using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;
using OrleansMesh.XdsGateway.Tests.Grpc;

namespace OrleansMesh.XdsGateway.Tests.Hosting;

/// <summary>An xDS client that does what the test says, no more.</summary>
internal sealed class AdsClient : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly AdsVariant _variant;
    private readonly Node _node;
    private readonly PushContent _requests = new();
    private readonly Task<HttpResponseMessage> _response;
    private readonly Dictionary<string, List<string>> _names = [];
    private readonly Dictionary<string, string> _versions = [];
    private bool _introduced;
    private int _fences;
    private Stream? _stream;

    public AdsClient(HttpClient http, AdsVariant variant, Node node, string? token)
    {
        (_variant, _node) = (variant, node);
        _requests.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        var method = variant == AdsVariant.Delta ? "DeltaAggregatedResources" : "StreamAggregatedResources";
        var request = new HttpRequestMessage(HttpMethod.Post, $"/envoy.service.discovery.v3.AggregatedDiscoveryService/{method}")
        {
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
            Content = _requests,
            Headers = { { "te", "trailers" } },
        };
        if (token is not null)
            request.Headers.TryAddWithoutValidation("authorization", token);
        _response = http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>What the client holds: of each type the names and versions.</summary>
    public Dictionary<string, Dictionary<string, string>> Held { get; } = [];

    public static Node Node(string proxy, string dataplane) => new()
    {
        Id = $"default.{proxy}",
        Metadata = new Struct { Fields = { ["dataplane.resource"] = Google.Protobuf.WellKnownTypes.Value.ForString(dataplane) } },
    };

    public string Versions(string type) => string.Join(' ', Held.GetValueOrDefault(type, []).OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}={h.Value}"));

    public bool Holds(string type, string name) => Held.GetValueOrDefault(type, []).ContainsKey(name);

    /// <summary>Asks for more of a type; without names for all.</summary>
    /// <param name="earlier">A client whose stream ended and whose content this one has.</param>
    public async Task SubscribeAsync(string type, string[] names, AdsClient? earlier = null)
    {
        _names[type] = [.. _names.GetValueOrDefault(type, []), .. names];
        if (earlier is not null)
            (Held[type], _versions[type]) = (new(earlier.Held.GetValueOrDefault(type, [])), earlier._versions.GetValueOrDefault(type, ""));
        if (_variant == AdsVariant.Delta)
            await SendAsync(new DeltaDiscoveryRequest { TypeUrl = type, ResourceNamesSubscribe = { names }, InitialResourceVersions = { Held.GetValueOrDefault(type, []) } });
        else
            await SendAsync(new DiscoveryRequest { TypeUrl = type, ResourceNames = { _names[type] }, VersionInfo = _versions.GetValueOrDefault(type, "") });
    }

    /// <summary>Asks for all that a backend of the tests which calls these services needs.</summary>
    public async Task SubscribeAllAsync(AdsClient? earlier, params string[] calls)
    {
        await SubscribeAsync(XdsType.Cluster, [], earlier);
        await SubscribeAsync(XdsType.Endpoints, calls, earlier);
        await SubscribeAsync(XdsType.Secret, ["identity_cert", "mesh_ca"], earlier);
        await SubscribeAsync(XdsType.Extension, ["permission:10.0.0.1:8080"], earlier);
        await SubscribeAsync(XdsType.Listener, [], earlier);
        await SubscribeAsync(XdsType.Route, calls, earlier);
    }

    /// <summary>The next response; null when the server ended the call.</summary>
    public async Task<AdsMessage?> NextAsync()
    {
        _stream ??= await (await _response.WaitAsync(Limit)).Content.ReadAsStreamAsync();
        var header = new byte[5];
        if (await _stream.ReadAtLeastAsync(header, 5, throwOnEndOfStream: false).AsTask().WaitAsync(Limit) < 5)
            return null;
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
        await _stream.ReadExactlyAsync(body).AsTask().WaitAsync(Limit);
        return _variant == AdsVariant.Delta ? Of(DeltaDiscoveryResponse.Parser.ParseFrom(body)) : Of(DiscoveryResponse.Parser.ParseFrom(body));
    }

    public async Task AckAsync(AdsMessage message)
    {
        var held = Held.TryGetValue(message.Type, out var known) ? known : Held[message.Type] = [];
        if (_variant == AdsVariant.StateOfTheWorld && message.Type is XdsType.Cluster or XdsType.Listener)
            held.Clear();
        foreach (var (name, version) in message.Resources)
            held[name] = version;
        foreach (var name in message.Removed)
            held.Remove(name);
        _versions[message.Type] = message.Version;
        await AnswerAsync(message, null);
    }

    public Task NackAsync(AdsMessage message, string words) => AnswerAsync(message, words);

    /// <summary>Reads and accepts all that the server sends by itself, until it has no more to say.</summary>
    public async Task<IReadOnlyList<AdsMessage>> DrainAsync()
    {
        var all = new List<AdsMessage>();
        for (var before = -1; before < all.Count;)
        {
            before = all.Count;
            var fence = string.Create(CultureInfo.InvariantCulture, $"fence/{++_fences}");
            await SubscribeAsync(fence, []);
            while (await NextAsync() is { } message && message.Type != fence)
            {
                all.Add(message);
                await AckAsync(message);
            }
        }

        return all;
    }

    /// <summary>Reads and accepts until it is so.</summary>
    public async Task<IReadOnlyList<AdsMessage>> UntilAsync(Func<bool> reached)
    {
        var all = new List<AdsMessage>();
        while (!reached())
        {
            var message = await NextAsync() ?? throw new InvalidDataException($"the call ended with {await EndAsync()}");
            all.Add(message);
            await AckAsync(message);
        }

        return all;
    }

    /// <summary>Reads to the end of the call: its status and message.</summary>
    public async Task<(string? Status, string? Message)> EndAsync()
    {
        while (await NextAsync() is not null)
        {
        }

        var response = await _response;
        return (Field(response, "grpc-status"), Field(response, "grpc-message") is { } words ? Uri.UnescapeDataString(words) : null);
    }

    /// <summary>Sends bytes as one message.</summary>
    public Task SendRawAsync(ReadOnlyMemory<byte> message) => _requests.PushAsync(GrpcAnswer.Frame(message.Span)).WaitAsync(Limit);

    public async Task SendAsync(IMessage request)
    {
        if (!_introduced)
        {
            _introduced = true;
            if (request is DeltaDiscoveryRequest delta)
                delta.Node = _node;
            else
                ((DiscoveryRequest)request).Node = _node;
        }

        await SendRawAsync(request.ToByteArray());
    }

    /// <summary>The client says no more, and the call ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _requests.Complete();
        using var response = await _response.WaitAsync(Limit);
        _stream?.Dispose();
    }

    private Task AnswerAsync(AdsMessage message, string? words)
    {
        var error = words is null ? null : new Google.Rpc.Status { Code = 13, Message = words };
        return _variant == AdsVariant.Delta
            ? SendAsync(new DeltaDiscoveryRequest { TypeUrl = message.Type, ResponseNonce = message.Nonce, ErrorDetail = error })
            : SendAsync(new DiscoveryRequest
            {
                TypeUrl = message.Type,
                ResponseNonce = message.Nonce,
                VersionInfo = _versions.GetValueOrDefault(message.Type, ""),
                ResourceNames = { _names[message.Type] },
                ErrorDetail = error,
            });
    }

    private static AdsMessage Of(DeltaDiscoveryResponse response) => new(
        response.TypeUrl, response.Nonce, "", response.Resources.ToDictionary(r => r.Name, r => r.Version), [.. response.RemovedResources],
        response.Resources.ToDictionary(r => r.Name, r => r.Resource_));

    private static AdsMessage Of(DiscoveryResponse response) => new(
        response.TypeUrl, response.Nonce, response.VersionInfo, response.Resources.ToDictionary(NameOf, _ => ""), [],
        response.Resources.ToDictionary(NameOf));

    private static string NameOf(Any resource) => resource.TypeUrl switch
    {
        XdsType.Cluster => resource.Unpack<Cluster>().Name,
        XdsType.Endpoints => resource.Unpack<ClusterLoadAssignment>().ClusterName,
        XdsType.Secret => resource.Unpack<Secret>().Name,
        XdsType.Extension => resource.Unpack<TypedExtensionConfig>().Name,
        XdsType.Listener => resource.Unpack<Listener>().Name,
        XdsType.Route => resource.Unpack<RouteConfiguration>().Name,
        _ => throw new InvalidDataException(resource.TypeUrl),
    };

    private static string? Field(HttpResponseMessage response, string name)
        => response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.Single()
            : response.Headers.TryGetValues(name, out var headers) ? headers.Single()
            : null;
}

/// <summary>A response, of either variant.</summary>
/// <param name="Resources">Names and versions.</param>
internal sealed record AdsMessage(
    string Type, string Nonce, string Version, IReadOnlyDictionary<string, string> Resources, IReadOnlyList<string> Removed, IReadOnlyDictionary<string, Any> Bodies);
