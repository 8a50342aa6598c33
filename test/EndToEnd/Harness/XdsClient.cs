using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pipe = System.IO.Pipelines.Pipe;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>A delta xDS client of the tests' own: for what Envoy does not show, such as its private key, and for what it would not do.</summary>
internal sealed class XdsClient : IAsyncDisposable
{
    public const string SecretType = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
    public const string ClusterType = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

    private readonly HttpClient _http;
    private readonly Pipe _requests = new();
    private readonly Task<HttpResponseMessage> _response;
    private Stream? _responses;

    private XdsClient(ServerProcess server, string? token)
    {
        _http = Sidecar.DpServerClient(server);
        var request = new HttpRequestMessage(HttpMethod.Post, "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new DuplexContent(_requests.Reader.AsStream()),
        };
        request.Headers.TE.Add(new("trailers"));
        if (token is not null)
            request.Headers.TryAddWithoutValidation("authorization", token);
        _response = _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public static XdsClient Connect(ServerProcess server, string? token) => new(server, token);

    public static Node NodeOf(SidecarSpec spec) => new()
    {
        Id = $"{spec.Mesh}.{spec.Name}",
        Metadata = new Struct { Fields = { ["dataplane.resource"] = Google.Protobuf.WellKnownTypes.Value.ForString(spec.Json) } },
    };

    public async Task SendAsync(DeltaDiscoveryRequest request)
    {
        var message = request.ToByteArray();
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        await _requests.Writer.WriteAsync(frame);
    }

    /// <summary>The next response; null when the server ended the call.</summary>
    public async Task<DeltaDiscoveryResponse?> ReceiveAsync()
    {
        _responses ??= await (await _response).Content.ReadAsStreamAsync();
        var header = new byte[5];
        if (await _responses.ReadAtLeastAsync(header, 5, throwOnEndOfStream: false) < 5)
            return null;
        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
        await _responses.ReadExactlyAsync(message);
        return DeltaDiscoveryResponse.Parser.ParseFrom(message);
    }

    /// <summary>Reads to the end; then the call's status code and message, as gRPC gives them.</summary>
    public async Task<(int Code, string Message)> StatusAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }

        var response = await _response;
        var code = Header(response, "grpc-status") ?? throw new InvalidDataException("the call ended without a status");
        return (int.Parse(code, System.Globalization.CultureInfo.InvariantCulture), Uri.UnescapeDataString(Header(response, "grpc-message") ?? ""));
    }

    /// <summary>A workload certificate with its key, as the proxy of that token is given it.</summary>
    public static async Task<X509Certificate2> IdentityAsync(ServerProcess server, SidecarSpec spec, string token)
    {
        await using var client = Connect(server, token);
        await client.SendAsync(new DeltaDiscoveryRequest { Node = NodeOf(spec), TypeUrl = SecretType, ResourceNamesSubscribe = { "identity_cert" } });
        while (await client.ReceiveAsync() is { } response)
        {
            var identity = response.Resources.FirstOrDefault(r => r.Name == "identity_cert");
            if (identity is null)
                continue;
            var certificate = identity.Resource_.Unpack<Secret>().TlsCertificate;
            using var withKey = X509Certificate2.CreateFromPem(certificate.CertificateChain.InlineString, certificate.PrivateKey.InlineString);
            return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
        }

        throw new InvalidDataException("the server ended the call without giving a certificate");
    }

    public async ValueTask DisposeAsync()
    {
        await _requests.Writer.CompleteAsync();
        _http.Dispose();
    }

    private static string? Header(HttpResponseMessage response, string name)
        => response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.First()
            : response.Headers.TryGetValues(name, out var headers) ? headers.First()
            : null;
}
