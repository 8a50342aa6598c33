using System.Globalization;
using OrleansMesh.EventStore;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>
/// The header by which whoever changed something reads it through every server: an answer to a change carries the position of the log that includes it, and a
/// request that carries a position is answered when this server's reads include it.
/// </summary>
internal static class LogPosition
{
    public const string Header = "Mesh-Position";

    /// <summary>How long a request waits for this server to come that far.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void Put(HttpContext context, long position) => context.Response.Headers[Header] = position.ToString(CultureInfo.InvariantCulture);

    /// <summary>Has the request wait for the position that it carries, and its answer carry one where it changed something.</summary>
    public static async Task Observed(RequestDelegate next, HttpContext context, ResourceIndex index, IEventStore store)
    {
        if (context.Request.Headers.TryGetValue(Header, out var given))
        {
            if (!long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            {
                await new ProblemAnswer(
                    StatusCodes.Status400BadRequest, "Bad Request", $"{Header}: expected a position of the log, such as an answer carries").ExecuteAsync(context);
                return;
            }

            if (!await IsReachedAsync(position, context, index))
            {
                context.Response.Headers.RetryAfter = "1";
                await new ProblemAnswer(
                    StatusCodes.Status503ServiceUnavailable,
                    "Not there yet",
                    $"this server has read the log up to position {index.Current.Position}, not yet to {position}, which {Header} asks for").ExecuteAsync(context);
                return;
            }
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            context.Response.OnStarting(() => CompleteAsync(context, store));
        await next(context);
    }

    private static async Task<bool> IsReachedAsync(long position, HttpContext context, ResourceIndex index)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(Patience);
        try
        {
            await index.WaitForAsync(position, limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }

    // Whatever was done is at or before the end of the log.
    private static async Task CompleteAsync(HttpContext context, IEventStore store)
    {
        if (context.Response.StatusCode >= StatusCodes.Status300MultipleChoices || context.Response.Headers.ContainsKey(Header))
            return;
        try
        {
            Put(context, await store.HeadAsync(context.RequestAborted));
        }
        catch (Exception e) when (e is EventStoreUnavailableException or OperationCanceledException)
        {
            // It was done and is acknowledged all the same.
        }
    }
}
