using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.XdsGateway.Ads;
using OrleansMesh.XdsGateway.Grpc;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>The two methods of Envoy's <c>AggregatedDiscoveryService</c>.</summary>
internal sealed class AdsEndpoint(SessionServices services, ProxyAuthenticator authenticator, IHostApplicationLifetime lifetime)
{
    private const string Service = "/envoy.service.discovery.v3.AggregatedDiscoveryService/";

    public static void Map(IEndpointRouteBuilder endpoints, AdsEndpoint ads)
    {
        endpoints.MapGrpcBidi(Service + "StreamAggregatedResources", call => ads.ServeAsync(call, AdsVariant.StateOfTheWorld));
        endpoints.MapGrpcBidi(Service + "DeltaAggregatedResources", call => ads.ServeAsync(call, AdsVariant.Delta));
        endpoints.MapGrpcUnimplemented();
    }

    private async Task ServeAsync(GrpcCall call, AdsVariant variant)
    {
        if (await ReadAsync(call, variant) is not { } first)
            return;
        var node = ProxyNode.Of(NodeOf(first), variant)
            ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, "node.id: expected {mesh}.{name}");
        var (dataplane, problems) = PresentedDataplane.Read(node.DataplaneText, node.Proxy, "node.metadata[\"dataplane.resource\"]");
        if (problems.Count > 0)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, string.Join("; ", problems));
        if (!await authenticator.IsAsync(call.Http, ProxyAuthenticator.TokenOf(call.Http.Request), node.Proxy, dataplane))
            throw new GrpcException(GrpcStatusCode.Unauthenticated, ProxyAuthenticator.PublicRefusal);

        var session = Guid.NewGuid().ToString("N");
        var grain = services.Grains.GetGrain<IProxyGrain>(node.Proxy.Key);
        using var inbox = new SessionInbox();
        var observer = services.Grains.CreateObjectReference<IProxySessionObserver>(inbox);
        try
        {
            var connected = await grain.Connect(new ProxyConnection(session, dataplane, node.Agent), observer, new Caller($"proxy:{node.Proxy}", session));
            if (connected.View is not { } view)
            {
                authenticator.Refused(call.Http, node.Proxy, connected.Refusal ?? "no reason given");
                throw new GrpcException(GrpcStatusCode.Unauthenticated, ProxyAuthenticator.PublicRefusal);
            }

            services.Logger.LogInformation("Proxy {Proxy} connected ({Variant}, Envoy {Envoy}, session {Session})",
                node.Proxy, node.Agent.Variant, node.Agent.EnvoyVersion, session);
            var tag = new KeyValuePair<string, object?>("variant", node.Agent.Variant);
            services.Metrics.Connections.Add(1, tag);
            try
            {
                using var proxySession = new ProxySession(call, variant, node.Proxy, session, view, connected.Certificate, inbox, services);
                await inbox.RequestedAsync(first, call.Cancelled);
                var reading = ReadAllAsync(call, variant, inbox);
                await proxySession.RunAsync();
                await reading;
            }
            finally
            {
                services.Metrics.Connections.Add(-1, tag);
                // When the server stops, proxies come back to it or to another one: nothing of theirs has ended.
                if (!lifetime.ApplicationStopping.IsCancellationRequested)
                    await grain.Disconnect(session);
                services.Logger.LogInformation("Proxy {Proxy} disconnected (session {Session})", node.Proxy, session);
            }
        }
        finally
        {
            services.Grains.DeleteObjectReference<IProxySessionObserver>(observer);
        }
    }

    private static async Task ReadAllAsync(GrpcCall call, AdsVariant variant, SessionInbox inbox)
    {
        try
        {
            while (await ReadAsync(call, variant) is { } request)
                await inbox.RequestedAsync(request, call.Cancelled);
            inbox.RequestsEnded(null);
        }
        catch (Exception e)
        {
            inbox.RequestsEnded(e);
        }
    }

    private static async ValueTask<IMessage?> ReadAsync(GrpcCall call, AdsVariant variant)
    {
        if (await call.ReadAsync() is not { } bytes)
            return null;
        try
        {
            return variant == AdsVariant.Delta ? DeltaDiscoveryRequest.Parser.ParseFrom(bytes) : DiscoveryRequest.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "the message is not a discovery request");
        }
    }

    private static Node? NodeOf(IMessage request) => request switch
    {
        DeltaDiscoveryRequest delta => delta.Node,
        DiscoveryRequest whole => whole.Node,
        _ => null,
    };
}
