using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using OrleansMesh.EventStore;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Hosting;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>What every request to the REST API goes through: its identity, the answer to what fails, the guard, readiness, who makes it,
/// routing, and whether they may.</summary>
internal static class ApiPipeline
{
    public static IServiceCollection AddRestApi(this IServiceCollection services)
        => services
            .AddSingleton(provider => new CrossSiteGuard(provider.GetRequiredService<ServerConfiguration>().Api))
            .AddSingleton<Authentication>()
            .AddSingleton<AccessGate>()
            .AddSingleton<ResourceCommands>()
            .AddSingleton<SecretDocuments>()
            .AddSingleton<TokenSecrets>()
            .AddSingleton<ResourceEndpoints>()
            .AddSingleton<InspectEndpoints>()
            .AddSingleton<InsightEndpoints>()
            .AddSingleton<HistoryEndpoints>()
            .AddSingleton<LogEndpoints>()
            .AddSingleton<KeyEncryptionKeyEndpoints>()
            .AddSingleton<TokenEndpoints>()
            .AddSingleton<AuthorityEndpoints>()
            .AddSingleton<KeyringEndpoints>()
            .AddSingleton<ServerInfoEndpoints>();

    public static void UseRestApi(this IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("OrleansMesh.Api");
        var guard = services.GetRequiredService<CrossSiteGuard>();
        var readiness = services.GetRequiredService<Readiness>();
        app.Use(next => context => Logged(next, context, logger));
        app.Use(next => context => Answered(next, context, logger));
        app.Use(next => context => guard.Refusal(context.Request) is { } reason
            ? new ProblemAnswer(StatusCodes.Status403Forbidden, "Forbidden", reason).ExecuteAsync(context)
            : next(context));
        app.Use(next => context => RequestTarget.HasDotSegment(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
            ? new ProblemAnswer(StatusCodes.Status400BadRequest, "Bad Request", "the path has a segment '.' or '..', which is no name").ExecuteAsync(context)
            : next(context));
        app.Use(next => context => readiness.WaitingFor is { } missing
            ? new ProblemAnswer(StatusCodes.Status503ServiceUnavailable, "Not ready", $"the server waits for {missing}").ExecuteAsync(context)
            : next(context));
        var gate = services.GetRequiredService<AccessGate>();
        app.Use(next => async context => await (await gate.IdentifyAsync(context) is { } refusal ? refusal.ExecuteAsync(context) : next(context)));
        var index = services.GetRequiredService<ResourceIndex>();
        var store = services.GetRequiredService<IEventStore>();
        app.Use(next => context => LogPosition.Observed(next, context, index, store));
        app.UseRouting();
        app.Use(next => context => WithMethodRefusal(next, context));
        app.Use(next => context => gate.Refusal(context) is { } refusal ? refusal.ExecuteAsync(context) : next(context));
        app.UseEndpoints(MapRoutes);
        app.Run(NotFoundPage.Write);
    }

    /// <summary>Every route of the API. Each says what it needs (<see cref="RequiredAccess"/>).</summary>
    internal static void MapRoutes(IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        services.GetRequiredService<ResourceEndpoints>().Map(routes);
        services.GetRequiredService<InspectEndpoints>().Map(routes);
        services.GetRequiredService<InsightEndpoints>().Map(routes);
        services.GetRequiredService<HistoryEndpoints>().Map(routes);
        services.GetRequiredService<LogEndpoints>().Map(routes);
        services.GetRequiredService<KeyEncryptionKeyEndpoints>().Map(routes);
        services.GetRequiredService<TokenEndpoints>().Map(routes);
        services.GetRequiredService<AuthorityEndpoints>().Map(routes);
        services.GetRequiredService<KeyringEndpoints>().Map(routes);
        services.GetRequiredService<ServerInfoEndpoints>().Map(routes);
    }

    // Reads are many and change nothing; what changes something, or is refused, is worth an entry.
    private static async Task Logged(RequestDelegate next, HttpContext context, ILogger logger)
    {
        context.Identify();
        var start = Stopwatch.GetTimestamp();
        await next(context);
        var level = HttpMethods.IsGet(context.Request.Method) && context.Response.StatusCode < 500 ? LogLevel.Debug : LogLevel.Information;
        if (!logger.IsEnabled(level))
            return;
        logger.Log(
            level,
            "{Method} {Path} {Status} in {Milliseconds:0.0} ms for {Actor} ({Request})",
            context.Request.Method,
            context.Request.Path.ToUriComponent(),
            context.Response.StatusCode,
            Stopwatch.GetElapsedTime(start).TotalMilliseconds,
            context.Caller().Actor,
            context.TraceIdentifier);
    }

    private static async Task Answered(RequestDelegate next, HttpContext context, ILogger logger)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            logger.LogDebug("the client of {Request} went away", context.TraceIdentifier);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await AnswerTo(e, context, logger).ExecuteAsync(context);
        }
    }

    private static ProblemAnswer AnswerTo(Exception exception, HttpContext context, ILogger logger)
    {
        switch (exception)
        {
            case BadHttpRequestException bad:
                return new(bad.StatusCode, ReasonPhrases.GetReasonPhrase(bad.StatusCode), bad.Message);
            case OlderServerException older:
                logger.LogWarning("{Request} was refused: {Reason}", context.TraceIdentifier, older.Message);
                return new(StatusCodes.Status503ServiceUnavailable, "Service unavailable", $"{older.Message}; nothing was changed");
            case EventStoreUnavailableException or TimeoutException or OperationCanceledException or OrleansException:
                logger.LogWarning(exception, "{Request} could not be answered now", context.TraceIdentifier);
                return new(
                    StatusCodes.Status503ServiceUnavailable,
                    "Service unavailable",
                    $"{(exception is EventStoreUnavailableException ? exception.Message : "the server cannot answer now")}; whether a change was made is not known, so read before trying again ({context.TraceIdentifier})");
            default:
                logger.LogError(exception, "{Request} failed", context.TraceIdentifier);
                return new(StatusCodes.Status500InternalServerError, "Internal error", $"see the server's log for {context.TraceIdentifier}");
        }
    }

    private static async Task WithMethodRefusal(RequestDelegate next, HttpContext context)
    {
        await next(context);
        if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
        {
            await new ProblemAnswer(
                StatusCodes.Status405MethodNotAllowed,
                "Method not allowed",
                $"{context.Request.Method} is not served here; expected {context.Response.Headers.Allow}").ExecuteAsync(context);
        }
    }
}
