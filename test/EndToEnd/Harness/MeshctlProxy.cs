namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>A sidecar that <c>meshctl proxy run</c> runs, as on a plain machine.</summary>
internal sealed class MeshctlProxy : IAsyncDisposable
{
    private readonly string _folder;
    private readonly ChildProcess _meshctl;

    private MeshctlProxy(string folder, ChildProcess meshctl) => (_folder, _meshctl) = (folder, meshctl);

    public string Log => _meshctl.Output;

    public int ProcessId => _meshctl.Id;

    public static async Task<MeshctlProxy> StartAsync(ServerProcess server, SidecarSpec spec, int drainSeconds = 2)
    {
        var folder = Directory.CreateTempSubdirectory("orleansmesh-meshctl-").FullName;
        var dataplane = Path.Combine(folder, "dataplane.json");
        var token = Path.Combine(folder, "token");
        await File.WriteAllTextAsync(dataplane, spec.Json);
        await File.WriteAllTextAsync(token, await server.TokenAsync(spec.Name, spec.Mesh, spec.Service));
        var proxy = new MeshctlProxy(folder, ChildProcess.Start(
            "dotnet",
            Checkout.MeshctlDll, "proxy", "run",
            "--dataplane-file", dataplane,
            "--token-file", token,
            "--cp-address", $"https://127.0.0.1:{server.DpServerPort}",
            "--ca-cert-file", server.AuthorityFile,
            "--envoy", Checkout.Envoy(),
            "--drain-time", $"{drainSeconds}s"));
        using var admin = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{spec.AdminPort}") };
        await Eventually.BecomesTrue(
            $"{spec.Name} is ready",
            async () =>
            {
                Assert.False(proxy._meshctl.HasExited, $"meshctl stopped:\n{proxy.Log}");
                return (await admin.GetAsync("/ready")).IsSuccessStatusCode;
            },
            explain: () => proxy.Log);
        return proxy;
    }

    /// <summary>SIGTERM, and the exit code when it has stopped.</summary>
    public async Task<int> TerminateAsync()
    {
        _meshctl.Signal(ChildProcess.SigTerm);
        await _meshctl.WaitForExitAsync();
        return _meshctl.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _meshctl.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
