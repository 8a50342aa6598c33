namespace OrleansMesh.Silo.Hosting;

/// <summary>The ports of the server. What is served on one is not on another.</summary>
public enum Listener
{
    Api,

    /// <summary>The API with TLS: what is served is the same.</summary>
    ApiTls,
    DpServer,
    Diagnostics,
}

/// <summary>Marks connections with the listener that took them: what a request says of itself is the client's word, and ports may be free to choose.</summary>
internal static class ListenerFeature
{
    public static void Mark(this Microsoft.AspNetCore.Connections.IConnectionBuilder connections, Listener listener)
        => connections.Use(next => connection =>
        {
            connection.Features.Set(new Feature(listener));
            return next(connection);
        });

    /// <summary>What the requests of one listener go through; those of the others pass by.</summary>
    public static void MapListener(this IApplicationBuilder app, Listener listener, Action<IApplicationBuilder> configure)
        => app.MapWhen(context => Served(context.Features.Get<Feature>()?.Listener) == listener, configure);

    private static Listener? Served(Listener? listener) => listener is Listener.ApiTls ? Listener.Api : listener;

    private sealed record Feature(Listener Listener);
}
