using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Sidecars;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Scenarios;

/// <summary>
/// A tenth of the sidecars leave and as many others join, evenly over some seconds. Callers are to lose the endpoint of each that left, from when it says that
/// it leaves, and to get that of each that joined, from when it connects.
/// </summary>
internal static class RollingDeploy
{
    private const int Share = 10;

    public static async Task<IReadOnlyList<ScenarioResult>> RunAsync(LoadRun run)
    {
        var leaving = run.Fleet.Sidecars.OrderBy(s => s.Proxy.Name, StringComparer.Ordinal).Where((_, i) => i % Share == Share / 2).ToArray();
        var replacements = leaving.Select(s => run.Topology.Replacement(s.Proxy, run.NextNewcomer())).ToArray();
        run.Progress.Begin("rolling deploy", 2 * leaving.Length);
        foreach (var proxy in replacements)
            await run.TokenAsync(proxy);

        var meter = await run.MeasureAsync();
        var replaced = new List<Task<(Change Gone, Change Come)>>();
        for (var i = 0; i < leaving.Length; i++)
        {
            replaced.Add(ReplaceAsync(run, leaving[i], replacements[i]));
            var due = run.Options.DeployTime * (i + 1) / leaving.Length;
            if (due > meter.Elapsed)
                await Task.Delay(due - meter.Elapsed);
        }

        var changes = await Task.WhenAll(replaced);
        await run.BecomesQuietAsync();
        var joined = meter.Result("rolling deploy, joined", [.. changes.Select(c => c.Come)]);
        var left = meter.Result("rolling deploy, left", [.. changes.Select(c => c.Gone)], "in the same time as the joins; processor time, memory and messages are of both");
        foreach (var (gone, come) in leaving.Zip(replacements))
        {
            run.Expect(gone.Proxy.Service, gone.Proxy.Endpoint, present: false);
            run.Expect(come.Service, come.Endpoint, present: true);
        }

        var wrong = await run.AuditAsync();
        return [joined with { Missed = [.. joined.Missed, .. wrong] }, left];
    }

    private static async Task<(Change Gone, Change Come)> ReplaceAsync(LoadRun run, Sidecar leaving, SimulatedProxy replacement)
    {
        var service = leaving.Proxy.Service;
        var gone = Of(leaving.Proxy, isWithdrawal: true);
        gone.Start(run.Fleet.CallersOf(service).Where(s => s != leaving));
        await run.Fleet.LeaveAsync(leaving, run.ControlPlane);
        var come = Of(replacement, isWithdrawal: false);
        come.Start(run.Fleet.CallersOf(service));
        run.Fleet.Join(replacement, await run.TokenAsync(replacement));
        foreach (var change in (Change[])[gone, come])
        {
            await change.DeliveredAsync(run.Options.Patience);
            run.Progress.Step();
        }

        return (gone, come);
    }

    private static Change Of(SimulatedProxy proxy, bool isWithdrawal) => new(
        $"{(isWithdrawal ? "the end of " : "")}{proxy.Name}, {proxy.Address}, of {proxy.Service}",
        [ResourceType.Endpoints],
        Change.AddressMarker(proxy.Address),
        isWithdrawal);
}
