using System.Buffers;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Resources;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.XdsGateway.Ads;
using OrleansMesh.XdsGateway.Grpc;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>The two methods of Envoy's <c>AggregatedDiscoveryService</c>.</summary>
internal sealed class AdsEndpoint(SessionServices services, ProxyAuthenticator authenticator, LiveSessions sessions, IHostApplicationLifetime lifetime)
{
    /// <summary>How long a client that has not said yet who it is may take to do so.</summary>
    public static readonly TimeSpan FirstRequestLimit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private const string Service = "/envoy.service.discovery.v3.AggregatedDiscoveryService/";

    public static void Map(IEndpointRouteBuilder endpoints, AdsEndpoint ads)
    {
        endpoints.MapGrpcBidi(Service + "StreamAggregatedResources", call => ads.ServeAsync(call, AdsVariant.StateOfTheWorld));
        endpoints.MapGrpcBidi(Service + "DeltaAggregatedResources", call => ads.ServeAsync(call, AdsVariant.Delta));
        endpoints.MapGrpcUnimplemented();
    }

    private async Task ServeAsync(GrpcCall call, AdsVariant variant)
    {
        // Not looked into before its turn comes: who waits costs little.
        if (await ReadFirstAsync(call) is not { } bytes)
            return;
        using var admitted = await services.Admissions.Connects.EnterAsync(call.Cancelled);
        var first = Parse(bytes, variant);
        var node = ProxyNode.Of(NodeOf(first), variant)
            ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, "node.id: expected {mesh}.{name}");
        var (dataplane, problems) = PresentedDataplane.Read(node.DataplaneText, node.Proxy, "node.metadata[\"dataplane.resource\"]");
        if (problems.Count > 0)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, string.Join("; ", problems));
        var token = ProxyAuthenticator.TokenOf(call.Http.Request);
        var (proof, _, good) = await AnswerOf(authenticator.ProveAsync(call.Http, token, node.Proxy, dataplane), node);
        if (proof != ProxyProof.Whole || good is null)
            throw new GrpcException(GrpcStatusCode.Unauthenticated, ProxyAuthenticator.PublicRefusal);
        await ServeAsync(call, variant, first, node, dataplane, good, admitted);
    }

    private async Task ServeAsync(GrpcCall call, AdsVariant variant, IMessage first, ProxyNode node, Dataplane? dataplane, TokenIdentity token, Admission.Place admitted)
    {
        var session = Guid.NewGuid().ToString("N");
        var grain = services.Grains.GetGrain<IProxyGrain>(node.Proxy.Key);
        var inbox = new SessionInbox();
        var observer = services.Grains.CreateObjectReference<IProxySessionObserver>(inbox);
        using var watch = services.Tokens.Watch(node.Proxy.Mesh, token, inbox);
        try
        {
            var connected = await AnswerOf(
                grain.Connect(new ProxyConnection(session, dataplane, node.Agent), observer, new Caller($"proxy:{node.Proxy}", Causes.Session(session))), node);
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
                using var proxySession = new ProxySession(call, variant, node.Proxy, session, view, connected.Certificate, inbox, admitted, services);
                await inbox.RequestedAsync(first, call.Cancelled);
                using var live = sessions.Add(session, node.Proxy, inbox);
                await RunAsync(proxySession, call, variant, inbox);
            }
            finally
            {
                services.Metrics.Connections.Add(-1, tag);
                services.Logger.LogInformation("Proxy {Proxy} disconnected (session {Session})", node.Proxy, session);
            }
        }
        finally
        {
            services.Grains.DeleteObjectReference<IProxySessionObserver>(observer);
            _ = DisconnectAsync(grain, session, node);
        }
    }

    /// <summary>The session, and what feeds it with the proxy's requests: neither outlives the other, nor the call.</summary>
    private static async Task RunAsync(ProxySession session, GrpcCall call, AdsVariant variant, SessionInbox inbox)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled);
        var reading = ReadAllAsync(call, variant, inbox, ended.Token);
        try
        {
            await session.RunAsync();
        }
        finally
        {
            await ended.CancelAsync();
            await reading;
        }
    }

    /// <summary>What the grains cannot answer now, they may answer soon: the proxy is to come again, and keeps what it has until then.</summary>
    private async Task<T> AnswerOf<T>(Task<T> answer, ProxyNode node)
    {
        try
        {
            return await answer;
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "Proxy {Proxy} could not be connected; it is told to come again", node.Proxy);
            throw new GrpcException(GrpcStatusCode.Unavailable, "connect again");
        }
    }

    /// <summary>
    /// Also after a connection of which it is not known whether it came about. Tried until it is recorded, or else a proxy that is gone would keep its endpoints.
    /// </summary>
    private async Task DisconnectAsync(IProxyGrain grain, string session, ProxyNode node)
    {
        // When the server stops, proxies come back to it or to another one: nothing of theirs has ended.
        for (var retry = FirstRetry; !lifetime.ApplicationStopping.IsCancellationRequested; retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry)
        {
            try
            {
                await grain.Disconnect(session);
                return;
            }
            catch (Exception e)
            {
                services.Logger.LogWarning(e, "The end of session {Session} of proxy {Proxy} could not be recorded; trying again in {Retry}", session, node.Proxy, retry);
                await Task.Delay(retry, services.Time, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask<ReadOnlySequence<byte>?> ReadFirstAsync(GrpcCall call)
    {
        using var limit = new CancellationTokenSource(FirstRequestLimit, services.Time);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, call.Cancelled);
        try
        {
            return await call.ReadAsync(cancelled.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !call.Cancelled.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, $"no request came within {FirstRequestLimit.TotalSeconds:0} seconds");
        }
    }

    private static async Task ReadAllAsync(GrpcCall call, AdsVariant variant, SessionInbox inbox, CancellationToken cancellationToken)
    {
        try
        {
            while (await ReadAsync(call, variant, cancellationToken) is { } request)
                await inbox.RequestedAsync(request, cancellationToken);
            inbox.RequestsEnded(null);
        }
        catch (Exception e)
        {
            inbox.RequestsEnded(e);
        }
    }

    private static async ValueTask<IMessage?> ReadAsync(GrpcCall call, AdsVariant variant, CancellationToken cancellationToken)
        => await call.ReadAsync(cancellationToken) is { } bytes ? Parse(bytes, variant) : null;

    private static IMessage Parse(ReadOnlySequence<byte> bytes, AdsVariant variant)
    {
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
