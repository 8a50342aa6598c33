using System.Net.Sockets;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>
/// The diagnostics port of a server that cannot open its log yet: <c>/healthy</c>, so that nobody kills a process that waits, and not ready, with the reason.
/// </summary>
internal static class WaitingPage
{
    /// <summary>Serves it until it is disposed.</summary>
    /// <param name="reason">Why the server is not ready, as it is when somebody asks.</param>
    /// <exception cref="ServerStartException">It cannot listen there.</exception>
    public static async Task<IAsyncDisposable> OpenAsync(ServerConfiguration configuration, Func<string> reason, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(configuration.Diagnostics.Address, configuration.Diagnostics.Port);
        });
        var app = builder.Build();
        app.Run(context =>
        {
            if (context.Request.Path == "/healthy")
                return context.Response.WriteAsync("healthy\n");
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return context.Response.WriteAsync($"{reason()}\n");
        });
        try
        {
            await app.StartAsync(cancellationToken);
            return app;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await app.DisposeAsync();
            throw ListenFailure.Of(configuration, e);
        }
    }
}
