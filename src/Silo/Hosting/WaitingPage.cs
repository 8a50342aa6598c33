using System.Net.Sockets;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>
/// The diagnostics port of a server that cannot open its log yet: <c>/healthy</c>, so that nobody kills a process that waits, and not ready, with the reason.
/// </summary>
internal sealed class WaitingPage(WebApplication app) : IAsyncDisposable
{
    /// <param name="reason">Why the server is not ready, as it is when somebody asks.</param>
    /// <exception cref="ServerStartException">It cannot listen there.</exception>
    public static async Task<WaitingPage> OpenAsync(ServerConfiguration configuration, Func<string> reason, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(configuration.Diagnostics.Address, configuration.Diagnostics.Port);
        });
        var page = new WaitingPage(builder.Build());
        page.Serve(reason);
        try
        {
            await page.StartAsync(cancellationToken);
            return page;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await page.DisposeAsync();
            throw new ServerStartException(ListenFailure.Find(configuration) ?? e.Message, e);
        }
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private Task StartAsync(CancellationToken cancellationToken) => app.StartAsync(cancellationToken);

    private void Serve(Func<string> reason) => app.Run(context =>
    {
        if (context.Request.Path == "/healthy")
            return context.Response.WriteAsync("healthy\n");
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync($"{reason()}\n");
    });
}
