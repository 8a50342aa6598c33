using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Bootstrap;
using OrleansMesh.XdsGateway.Endpoints;
using OrleansMesh.XdsGateway.Grpc;
using OrleansMesh.XdsGateway.Sessions;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway;

/// <summary>Puts the gateway into a server.</summary>
public static class XdsGatewayHosting
{
    /// <summary>Adds what the gateway needs. The server supplies <c>IGrainFactory</c>.</summary>
    public static IServiceCollection AddXdsGateway(this IServiceCollection services, XdsGatewayOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = static endpoint
            => SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint).ForLongStreams());
        return services
            .AddSingleton(options)
            .AddSingleton<GatewayMetrics>()
            .AddSingleton<Admissions>()
            .AddSingleton<DataplaneTokenVerifier>()
            .AddSingleton<ProxyAuthenticator>()
            .AddSingleton<TokenSessions>()
            .AddSingleton<EndpointCatalog>()
            .AddSingleton<LiveSessions>()
            .AddSingleton(static services => new SnapshotTranslator(services.GetRequiredService<GatewayMetrics>().ResourceEncoded))
            .AddSingleton<SessionServices>()
            .AddSingleton<AdsEndpoint>()
            .AddSingleton<BootstrapEndpoint>();
    }

    /// <summary>Maps what proxies call: ADS in both forms, <c>POST /bootstrap</c> and <c>POST /proxies/{mesh}/{name}/leave</c>. For the dp-server's port only.</summary>
    public static void MapXdsGateway(this IEndpointRouteBuilder endpoints)
    {
        BootstrapEndpoint.Map(endpoints);
        LeaveEndpoint.Map(endpoints);
        AdsEndpoint.Map(endpoints, endpoints.ServiceProvider.GetRequiredService<AdsEndpoint>());
    }
}
