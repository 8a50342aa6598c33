using System.Globalization;
using OrleansMesh.Load.ControlPlane;
using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Sidecars;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Scenarios;

/// <summary>
/// Thousands of sidecars come at the same moment, to a server that has too little processor time for that. All of them are to be configured, none is to be
/// refused, and an endpoint that a service gets meanwhile is to reach those who were there before.
/// </summary>
internal static class Overload
{
    /// <summary>Between one change and the next, so that the changes are not what overloads the server.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<ScenarioResult>> RunAsync(LoadRun run)
    {
        var there = run.Fleet.Sidecars.ToArray();
        var newcomers = Enumerable.Range(0, run.Options.Overload).Select(_ => run.Topology.Newcomer(run.NextNewcomer())).ToArray();
        run.Progress.Begin("tokens", newcomers.Length);
        foreach (var proxy in newcomers)
        {
            await run.TokenAsync(proxy);
            run.Expect(proxy.Service, proxy.Endpoint, present: true);
            run.Progress.Step();
        }

        run.Progress.Begin("overload", newcomers.Length);
        var meter = await run.MeasureAsync();
        var joining = Task.WhenAll(await Task.WhenAll(newcomers.Select(JoinAsync)));
        var mostWaiting = MostWaitingAsync(run.Server, joining);
        var changes = new List<Change>();
        while (!joining.IsCompleted)
        {
            var marker = LoadRun.MarkerAddress(run.NextMarker());
            var change = new Change($"endpoint {marker}, in the overload", [ResourceType.Endpoints], Change.AddressMarker(marker), isWithdrawal: false);
            changes.Add(change);
            run.Expect(run.Topology.Hot, $"{marker}:{SimulatedProxy.InboundPort}", present: true);
            change.Start(there);
            await run.ControlPlane.AddEndpointAsync($"overload-{changes.Count}", run.Topology.Hot, marker);
            await change.DeliveredAsync(run.Options.Patience);
            await Task.WhenAny(joining, Task.Delay(Pause));
        }

        var configured = await joining;
        var took = meter.Elapsed;
        await run.BecomesQuietAsync();
        var missed = Storm.Missed(configured);
        if (missed.Count == 0)
            missed = await run.AuditAsync();
        var result = meter.Result("overload", 0, configured.Select(c => c.Milliseconds).OfType<double>(), missed);
        if (result.Received.Disconnects > 0)
            missed = [.. missed, $"{result.Received.Disconnects} connections were refused or ended"];
        var waiting = await mostWaiting is { } most ? string.Create(CultureInfo.InvariantCulture, $"; at most {most:0} seen waiting for their turn") : "";
        var note = string.Create(CultureInfo.InvariantCulture, $"{newcomers.Length} came at once, all configured after {took.TotalSeconds:0.00} s{waiting}");
        return
        [
            result with { Missed = missed, Note = note, AllAfterSeconds = took.TotalSeconds },
            meter.Result("overload, changes meanwhile", changes, "processor time, memory and messages are of both"),
        ];

        async Task<Task<Configuring>> JoinAsync(SimulatedProxy proxy)
        {
            var token = await run.TokenAsync(proxy);
            return ConfigureAsync(run.Fleet.Join(proxy, token));
        }

        async Task<Configuring> ConfigureAsync(Sidecar sidecar)
        {
            var one = await Configuring.AwaitAsync(sidecar, run.Options.Patience);
            run.Progress.Step();
            return one;
        }
    }

    /// <summary>How many waited for their turn at most, as seen from time to time; null where the server is somebody else's.</summary>
    private static async Task<double?> MostWaitingAsync(OwnServer? server, Task joining)
    {
        if (server is null)
            return null;
        using var metrics = new ServerMetrics(server.Metrics);
        double? most = null;
        while (!joining.IsCompleted)
        {
            most = await metrics.SumAsync("orleansmesh_xds_admission_waiting") is { } waiting ? Math.Max(most ?? 0, waiting) : most;
            await Task.WhenAny(joining, Task.Delay(TimeSpan.FromMilliseconds(200)));
        }

        return most;
    }
}
