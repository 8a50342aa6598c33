using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>One HTTP/2 request and its response as a gRPC call: what must hold before the handler runs, and the status after it.</summary>
internal static partial class GrpcExchange
{
    public static async Task RunAsync(HttpContext http, GrpcBidiHandler handler, int maxMessageBytes)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status505HttpVersionNotsupported;
            return;
        }

        if (!GrpcProtocol.IsContentType(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        LiftRequestLimits(http);
        http.Response.ContentType = GrpcProtocol.ContentType;
        http.Response.Headers[GrpcProtocol.AcceptEncoding] = GrpcProtocol.Identity;

        var (code, message) = await CallAsync(http, handler, maxMessageBytes);
        if (!http.RequestAborted.IsCancellationRequested)
            WriteStatus(http.Response, code, message);
    }

    private static async Task<(GrpcStatusCode Code, string Message)> CallAsync(HttpContext http, GrpcBidiHandler handler, int maxMessageBytes)
    {
        string? timeoutText = http.Request.Headers[GrpcProtocol.Timeout];
        var timeout = Timeout.InfiniteTimeSpan;
        if (timeoutText is not null && !GrpcTimeout.TryParse(timeoutText, out timeout))
            return (GrpcStatusCode.Internal, $"malformed {GrpcProtocol.Timeout}: expected up to eight digits and one of H, M, S, m, u, n");
        if (timeout == TimeSpan.Zero)
            return (GrpcStatusCode.DeadlineExceeded, "the deadline has passed");

        using var deadline = new CancellationTokenSource(timeout, http.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System);
        var stopping = http.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, deadline.Token, stopping);
        try
        {
            await handler(new GrpcCall(http, maxMessageBytes, cancelled.Token));
            return (GrpcStatusCode.Ok, "");
        }
        catch (GrpcException e)
        {
            return (e.Code, e.Message);
        }
        catch (Exception e) when (deadline.IsCancellationRequested && e is OperationCanceledException)
        {
            return (GrpcStatusCode.DeadlineExceeded, "the deadline has passed");
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            return (GrpcStatusCode.Cancelled, "the client has gone");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return (GrpcStatusCode.Unavailable, "the server is stopping");
        }
        catch (ConnectionAbortedException)
        {
            return (GrpcStatusCode.Cancelled, "the client has gone");
        }
#pragma warning disable CA1031 // Whatever a handler throws must end as a status that reveals nothing of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var logger = http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(GrpcExchange).FullName!);
            HandlerFailed(logger, http.Request.Path, e);
            return (GrpcStatusCode.Internal, "internal error");
        }
    }

    /// <summary>A stream that says nothing for hours is normal, and so is one that has carried a lot: the limits are per message.</summary>
    private static void LiftRequestLimits(HttpContext http)
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
    }

    private static void WriteStatus(HttpResponse response, GrpcStatusCode code, string message)
    {
        // Before anything was sent, the status travels in the one and only header block ("trailers-only").
        var fields = response.HasStarted ? response.HttpContext.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers : response.Headers;
        fields[GrpcProtocol.Status] = ((int)code).ToString(CultureInfo.InvariantCulture);
        if (message.Length > 0)
            fields[GrpcProtocol.Message] = StatusMessage.Encode(message);
    }

    [LoggerMessage(LogLevel.Error, "gRPC method {Path} failed")]
    private static partial void HandlerFailed(ILogger logger, string path, Exception exception);
}
