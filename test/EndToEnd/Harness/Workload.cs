namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>An HTTP workload and the Envoy beside it.</summary>
internal sealed record Workload(EchoService Service, Sidecar Sidecar) : IAsyncDisposable
{
    /// <summary>Starts both; the sidecar listens when this returns.</summary>
    public static async Task<Workload> StartAsync(ServerProcess server, string name, string service, params string[] calls)
    {
        var echo = await EchoService.StartAsync(name);
        try
        {
            var sidecar = await Sidecar.StartAsync(server, new SidecarSpec(name, service, echo.Port).Calling(calls));
            await sidecar.ListensAsync();
            return new Workload(echo, sidecar);
        }
        catch
        {
            await echo.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await Service.DisposeAsync();
    }
}
