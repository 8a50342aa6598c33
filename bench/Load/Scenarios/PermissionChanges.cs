using System.Text;
using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Sidecars;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Scenarios;

/// <summary>A permission is added, and withdrawn; every sidecar that it is about is to enforce it, and to stop.</summary>
internal static class PermissionChanges
{
    /// <summary>Where permissions travel: apart from the listener, or in it.</summary>
    private static readonly ResourceType[] Bearers = [ResourceType.Extension, ResourceType.Listener];

    /// <param name="service">Whom others may call; null: every service of the mesh.</param>
    public static async Task<IReadOnlyList<ScenarioResult>> RunAsync(LoadRun run, string name, string? service)
    {
        run.Progress.Begin(name, 2 * run.Options.Rounds);
        var receivers = run.Fleet.Sidecars.Where(s => service is null || s.Proxy.Service == service).ToArray();
        var (added, withdrawn) = (new List<Change>(), new List<Change>());
        var (additions, withdrawals) = (new List<ScenarioResult>(), new List<ScenarioResult>());
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            var caller = $"caller-{run.NextMarker()}-marked";
            var marker = Encoding.ASCII.GetBytes(caller);
            var addition = new Change($"a permission for {caller}", Bearers, marker, isWithdrawal: false);
            var meter = await run.MeasureAsync();
            added.Add(await run.DeliverAsync(addition, receivers, () => run.ControlPlane.PermitAsync(caller, caller, service ?? "*")));
            await run.BecomesQuietAsync();
            additions.Add(meter.Result($"{name} added", [addition]));

            var withdrawal = new Change($"the withdrawal of the permission for {caller}", Bearers, marker, isWithdrawal: true);
            meter = await run.MeasureAsync();
            withdrawn.Add(await run.DeliverAsync(withdrawal, receivers, () => run.ControlPlane.WithdrawPermissionAsync(caller)));
            await run.BecomesQuietAsync();
            withdrawals.Add(meter.Result($"{name} withdrawn", [withdrawal]));
        }

        return [Sum(additions, added), Sum(withdrawals, withdrawn)];
    }

    private static ScenarioResult Sum(List<ScenarioResult> rounds, List<Change> changes) => rounds[^1] with
    {
        Changes = changes.Count,
        Latency = LatencySummary.Of(changes.SelectMany(c => c.Latencies)),
        Seconds = rounds.Sum(r => r.Seconds),
        ServerCpuSeconds = rounds.TrueForAll(r => r.ServerCpuSeconds is not null) ? rounds.Sum(r => r.ServerCpuSeconds) : null,
        LoadCpuSeconds = rounds.Sum(r => r.LoadCpuSeconds),
        Received = rounds.Aggregate(default(Traffic), (sum, r) => sum + r.Received),
        Missed = [.. rounds.SelectMany(r => r.Missed)],
    };
}
