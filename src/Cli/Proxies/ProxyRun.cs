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
        using var folder = new PrivateFolder();
        byte[] bootstrap;
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            var asked = signals.First.ContinueWith(_ => stop.Cancel(), stop.Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            try
            {
                bootstrap = await BootstrapAsync(folder, stop.Token);
            }
            catch (OperationCanceledException) when (signals.First.IsCompleted)
            {
                return 128 + await signals.First;
            }
        }

        var adminAddress = folder.PathOf("admin-address");
        using var envoy = BoundProcess.Start(Envoy,
        [
            "-c", folder.Write("bootstrap.yaml", bootstrap),
            "--drain-time-s", Math.Max(1, (int)Math.Ceiling(DrainTime.TotalSeconds)).ToString(CultureInfo.InvariantCulture),
            "--disable-hot-restart",
            "--admin-address-path", adminAddress,
        ]);
        if (await Task.WhenAny(envoy.Exited, signals.First) == envoy.Exited)
            return await envoy.Exited;
        await LeaveAsync(envoy, adminAddress, signals.Second);
        return await envoy.StopAsync(EndsWithin);
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
            folder.Path);
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
    private async Task LeaveAsync(BoundProcess envoy, string adminAddress, Task hurry)
    {
        using var enough = new CancellationTokenSource();
        _ = Task.WhenAny(hurry, envoy.Exited).ContinueWith(_ => enough.Cancel(), TaskScheduler.Default);
        try
        {
            Say($"{Dataplane.Name} leaves mesh {Dataplane.Mesh}; it ends in {DrainTime.TotalSeconds:0.#} s. A second signal ends it at once.");
            try
            {
                await server.LeaveAsync(Dataplane.Mesh, Dataplane.Name, Token, enough.Token);
            }
            catch (Exception failure) when (failure is CommandFailedException or DataplaneServer.Unreachable)
            {
                Say($"the control plane could not be told: {failure.Message}");
            }

            if (DrainTime == TimeSpan.Zero)
                return;
            try
            {
                await EnvoyAdmin.DrainAsync(adminAddress, enough.Token);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or FormatException)
            {
                Say($"Envoy could not be told to drain its connections: {failure.Message}");
            }

            await Task.Delay(DrainTime, terminal.Clock, enough.Token);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
        }
    }

    private void Say(string line) => terminal.Error.WriteLine($"meshctl: {line}");
}
