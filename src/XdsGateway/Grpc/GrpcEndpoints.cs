using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>Serves one bidirectional streaming method. The call ends with OK when it returns, and with a <see cref="GrpcException"/>'s status
/// when it throws one; any other exception ends it with INTERNAL and is logged, not told.</summary>
public delegate Task GrpcBidiHandler(GrpcCall call);

/// <summary>gRPC methods as ASP.NET Core endpoints.</summary>
public static class GrpcEndpoints
{
    /// <summary>Messages above this many bytes are refused with RESOURCE_EXHAUSTED unless a method is given another limit. It is gRPC's usual default.</summary>
    public const int DefaultMaxMessageBytes = 4 * 1024 * 1024;

    /// <summary>Maps <c>/{package}.{service}/{method}</c> to a handler.</summary>
    /// <param name="path">The method's path, as in <c>/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources</c>.</param>
    /// <param name="maxMessageBytes">Messages from the client above this are refused with RESOURCE_EXHAUSTED.</param>
    public static IEndpointConventionBuilder MapGrpcBidi(
        this IEndpointRouteBuilder endpoints, string path, GrpcBidiHandler handler, int maxMessageBytes = DefaultMaxMessageBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxMessageBytes);
        return endpoints.MapPost(path, http => GrpcExchange.RunAsync(http, handler, maxMessageBytes));
    }

    /// <summary>Answers every gRPC method that is not mapped with UNIMPLEMENTED. Requests that are not gRPC get 404.</summary>
    public static IEndpointConventionBuilder MapGrpcUnimplemented(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapFallback("{service}/{method}", http =>
        {
            if (HttpMethods.IsPost(http.Request.Method) && GrpcProtocol.IsContentType(http.Request.ContentType))
                return GrpcExchange.RunAsync(http, Unimplemented, 0);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });

    private static Task Unimplemented(GrpcCall call) =>
        throw new GrpcException(GrpcStatusCode.Unimplemented, "this server has no such method");
}
