using System.Buffers;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using OrleansMesh.Domain.Views;
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

    private const string Service = "/envoy.service.discovery.v3.AggregatedDiscoveryService/";

    public static void Map(IEndpointRouteBuilder endpoints, AdsEndpoint ads)
    {
        endpoints.MapGrpcBidi(Service + "StreamAggregatedResources", call => ads.ServeAsync(call, AdsVariant.StateOfTheWorld));
        endpoints.MapGrpcBidi(Service + "DeltaAggregatedResources", call => ads.ServeAsync(call, AdsVariant.Delta));
        endpoints.MapGrpcUnimplemented();
    }

    private async Task ServeAsync(GrpcCall call, AdsVariant variant)
    {
        // What the client said of itself, and proved, is let go of here: the stream lasts for days.
        using var begun = new BegunSession(services, lifetime);
        if (!await ConnectAsync(call, variant, begun))
            return;
        var tag = new KeyValuePair<string, object?>("variant", begun.Agent!.Variant);
        services.Metrics.Connections.Add(1, tag);
        try
        {
            using var session = new ProxySession(call, variant, begun, services);
            using var live = sessions.Add(begun.Name, begun.Proxy, begun.Inbox);
            await RunAsync(session, call, variant, begun.Inbox);
        }
        finally
        {
            services.Metrics.Connections.Add(-1, tag);
            services.Logger.LogInformation("Proxy {Proxy} disconnected (session {Session})", begun.Proxy, begun.Name);
        }
    }

    /// <summary>Has the client say and prove who it is, and its proxy take the connection. Its first request is then in the inbox.</summary>
    /// <returns>False: it has ended the stream without a request.</returns>
    /// <exception cref="GrpcException">It is not let in.</exception>
    private async Task<bool> ConnectAsync(GrpcCall call, AdsVariant variant, BegunSession begun)
    {
        // Not looked into before its turn comes: who waits costs little.
        if (await ReadFirstAsync(call) is not { } bytes)
            return false;
        begun.Admitted = await services.Admissions.Connects.EnterAsync(call.Cancelled);
        var first = Parse(bytes, variant);
        var node = ProxyNode.Of(NodeOf(first), variant)
            ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, "node.id: expected {mesh}.{name}");
        var (dataplane, problems) = PresentedDataplane.Read(node.DataplaneText, node.Proxy, "node.metadata[\"dataplane.resource\"]");
        if (problems.Count > 0)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, string.Join("; ", problems));
        var token = ProxyAuthenticator.TokenOf(call.Http.Request);
        call.Http.Request.Headers.Authorization = StringValues.Empty;
        var (proof, _, good) = await AnswerOf(authenticator.ProveAsync(call.Http, token, node.Proxy, dataplane), node.Proxy);
        if (proof != ProxyProof.Whole || good is null)
            throw new GrpcException(GrpcStatusCode.Unauthenticated, ProxyAuthenticator.PublicRefusal);

        var observer = begun.Observe(node.Proxy, node.Agent, good);
        var connection = new ProxyConnection(begun.Name, dataplane, node.Agent);
        var connected = await AnswerOf(begun.Grain!.Connect(connection, observer, new Caller($"proxy:{node.Proxy}", Causes.Session(begun.Name))), node.Proxy);
        if (connected.View is null)
        {
            authenticator.Refused(call.Http, node.Proxy, connected.Refusal ?? "no reason given");
            throw new GrpcException(GrpcStatusCode.Unauthenticated, ProxyAuthenticator.PublicRefusal);
        }

        (begun.View, begun.Certificate) = (connected.View, connected.Certificate);
        services.Logger.LogInformation("Proxy {Proxy} connected ({Variant}, Envoy {Envoy}, session {Session})",
            node.Proxy, node.Agent.Variant, node.Agent.EnvoyVersion, begun.Name);
        await begun.Inbox.RequestedAsync(first, call.Cancelled);
        return true;
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
    private async Task<T> AnswerOf<T>(Task<T> answer, ProxyId proxy)
    {
        try
        {
            return await answer;
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "Proxy {Proxy} could not be connected; it is told to come again", proxy);
            throw new GrpcException(GrpcStatusCode.Unavailable, "connect again");
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
