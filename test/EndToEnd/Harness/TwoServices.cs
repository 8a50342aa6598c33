namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>A mesh with mutual TLS, in which <c>web</c> would call <c>backend</c>. Nothing is permitted, until a test permits it.</summary>
internal sealed class TwoServices : IAsyncDisposable
{
    private TwoServices(ServerProcess server, Workload web, Workload backend)
    {
        (Server, Web, Backend) = (server, web, backend);
        ToBackend = new HttpClient { BaseAddress = web.Sidecar.Spec.To("backend") };
    }

    public ServerProcess Server { get; }

    public Workload Web { get; }

    public Workload Backend { get; }

    /// <summary>Calls <c>backend</c> the way <c>web</c> does: through its own sidecar.</summary>
    public HttpClient ToBackend { get; }

    /// <param name="mesh">The mesh <c>default</c>; null: one with mutual TLS and nothing unusual.</param>
    public static async Task<TwoServices> StartAsync(string? mesh = null)
    {
        Checkout.Envoy();
        var server = await ServerProcess.StartAsync();
        await server.ApplyAsync("/meshes/default", mesh ?? Resources.MeshWithMtls("default"));
        var backend = await Workload.StartAsync(server, "backend-1", "backend");
        var web = await Workload.StartAsync(server, "web-1", "web", "backend");
        var services = new TwoServices(server, web, backend);
        await services.WebKnowsAsync("backend", endpoints: 1);
        return services;
    }

    /// <param name="source"><c>*</c>: everybody of the mesh.</param>
    public Task PermitAsync(string source = "web")
        => Server.ApplyAsync(Resources.PermissionPath("to-backend"), Resources.Permission("to-backend", source, "backend"));

    public Task WithdrawAsync() => Server.DeleteAsync(Resources.PermissionPath("to-backend"));

    /// <summary>Waits until web's Envoy has that many endpoints of a service, each of them usable.</summary>
    public Task WebKnowsAsync(string service, int endpoints) => Eventually.BecomesTrue(
        $"web knows {endpoints} endpoints of {service}",
        async () => await Web.Sidecar.StatAsync($"cluster.{service}.membership_healthy") == endpoints);

    public async ValueTask DisposeAsync()
    {
        ToBackend.Dispose();
        await Web.DisposeAsync();
        await Backend.DisposeAsync();
        await Server.DisposeAsync();
    }
}
