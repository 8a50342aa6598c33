using System.Globalization;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.Proxies;

/// <summary>One Envoy's life beside its workload: bootstrap, run, leave the mesh, drain, end.</summary>
internal sealed class ProxyRun(Terminal terminal, DataplaneServer server)
{
    /// <summary>How long an Envoy that was told to end may take before it is killed.</summary>
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(5);

    public required Dataplane Dataplane { get; init; }

    public required string Token { get; init; }

    public required string TokenFile { get; init; }

    /// <summary>PEM; null: those of the system.</summary>
    public required string? Authorities { get; init; }

    /// <summary>The path of the binary.</summary>
    public required string Envoy { get; init; }

    public required TimeSpan DrainTime { get; init; }

    /// <summary>How long a control plane that does not answer is asked again.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>Envoy's exit code, with 128 and the signal's number when a signal ended it; the same for this process when it was asked to stop before there was an Envoy.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var signals = new StopSignals();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, signals.Asked);
        using var folder = new PrivateFolder();
        byte[] bootstrap;
        try
        {
            bootstrap = await BootstrapAsync(folder, stop.Token);
        }
        catch (OperationCanceledException) when (signals.Asked.IsCancellationRequested)
        {
            return signals.ExitCode;
        }

        var adminAddress = folder.PathOf("admin-address");
        using var envoy = BoundProcess.Start(Envoy,
        [
            "-c", folder.Write("bootstrap.yaml", bootstrap),
            "--drain-time-s", Math.Max(1, (int)Math.Ceiling(DrainTime.TotalSeconds)).ToString(CultureInfo.InvariantCulture),
            "--disable-hot-restart",
            "--admin-address-path", adminAddress,
        ]);
        try
        {
            return await envoy.Exited.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            await LeaveAsync(envoy, adminAddress, signals.Urgent);
            return await envoy.StopAsync(EndsWithin);
        }
    }

    private async Task<byte[]> BootstrapAsync(PrivateFolder folder, CancellationToken cancellation)
    {
        var request = new BootstrapRequest(
            Dataplane.Mesh,
            Dataplane.Name,
            ResourceWriter.Write(Dataplane).ToJsonString(),
            Token,
            TokenFile,
            await EnvoyBinary.BuildOfAsync(Envoy, cancellation),
            Authorities,
            folder.Path)
        {
            ControlPlanes = server.Addresses.Count > 1 ? server.Addresses : [],
        };
        var began = terminal.Clock.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(200); ; pause = TimeSpan.FromSeconds(Math.Min(5, pause.TotalSeconds * 2)))
        {
            try
            {
                return await server.BootstrapAsync(request, cancellation);
            }
            catch (DataplaneServer.Unreachable nobody)
            {
                if (terminal.Clock.GetElapsedTime(began) + pause > Patience)
                    throw nobody.Told;
                Say($"{nobody.Message} Trying again.");
                await Task.Delay(pause, terminal.Clock, cancellation);
            }
        }
    }

    /// <summary>First nobody sends anything new, then what is under way gets time to end. Neither a lost control plane nor a lost Envoy holds it up.</summary>
    private async Task LeaveAsync(BoundProcess envoy, string adminAddress, CancellationToken urgent)
    {
        try
        {
            Say($"{Dataplane.Name} leaves mesh {Dataplane.Mesh}; it ends in {DrainTime.TotalSeconds:0.#} s. A second signal ends it at once.");
            await TryAsync("the control plane could not be told", () => server.LeaveAsync(Dataplane.Mesh, Dataplane.Name, Token, urgent), urgent);
            if (DrainTime > TimeSpan.Zero)
                await TryAsync("Envoy could not be told to drain its connections", () => EnvoyAdmin.DrainAsync(adminAddress, urgent), urgent);
            await envoy.Exited.WaitAsync(DrainTime, terminal.Clock, urgent);
        }
        catch (TimeoutException)
        {
        }
        catch (OperationCanceledException) when (urgent.IsCancellationRequested)
        {
        }
    }

    /// <summary>Says what failed, and goes on.</summary>
    private async Task TryAsync(string otherwise, Func<Task> attempt, CancellationToken urgent)
    {
        try
        {
            await attempt();
        }
        catch (Exception failure) when (!urgent.IsCancellationRequested)
        {
            Say($"{otherwise}: {failure.Message}");
        }
    }

    private void Say(string line) => terminal.Error.WriteLine($"meshctl: {line}");
}
