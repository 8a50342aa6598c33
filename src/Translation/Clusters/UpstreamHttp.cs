using Envoy.Config.Core.V3;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using UpstreamHttpOptions = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace OrleansMesh.Translation.Clusters;

/// <summary>Which HTTP a cluster is spoken to in, as the one entry of its <c>typed_extension_protocol_options</c>.</summary>
internal static class UpstreamHttp
{
    private const string Key = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    public static MapField<string, Any> Version1(TimeSpan idleTimeout)
        => Options(new() { HttpProtocolOptions = new Http1ProtocolOptions() }, idleTimeout);

    public static MapField<string, Any> Version2(Http2ProtocolOptions options, TimeSpan idleTimeout)
        => Options(new() { Http2ProtocolOptions = options }, idleTimeout);

    private static MapField<string, Any> Options(UpstreamHttpOptions.Types.ExplicitHttpConfig version, TimeSpan idleTimeout) => new()
    {
        [Key] = Any.Pack(new UpstreamHttpOptions
        {
            CommonHttpProtocolOptions = new HttpProtocolOptions { IdleTimeout = idleTimeout.ToDuration() },
            ExplicitHttpConfig = version,
        }),
    };
}
