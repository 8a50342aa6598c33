using System.Globalization;
using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Sidecars;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Scenarios;

/// <summary>
/// The server stops and starts; the sidecars come back by themselves. A sidecar is back when it has received an endpoint that the hot service got as soon as
/// the server was ready: it needs nothing else, so nothing else shows that it is served again.
/// </summary>
internal static class Restart
{
    public static async Task<IReadOnlyList<ScenarioResult>> RunAsync(LoadRun run)
    {
        if (run.Server is not { } server)
            return [];
        run.Progress.Begin("restart", 1);
        var meter = await run.MeasureAsync();
        var marker = run.NextMarker();
        var (dataplane, address) = ($"marker-{marker}", LoadRun.MarkerAddress(marker));
        var change = new Change($"{address}, after the restart", [ResourceType.Endpoints], Change.AddressMarker(address), isWithdrawal: false);
        var away = TimeSpan.Zero;
        await run.DeliverAsync(change, run.Fleet.Sidecars, async () =>
        {
            away = await server.RestartAsync();
            await run.ControlPlane.AddEndpointAsync(dataplane, run.Topology.Hot, address);
        });
        var back = meter.Elapsed;
        await run.BecomesQuietAsync();
        run.Expect(run.Topology.Hot, $"{address}:{SimulatedProxy.InboundPort}", present: true);
        var wrong = await run.AuditAsync();
        var result = meter.Result("restart", [change]);
        var besides = result.Received.Resources - change.Latencies.Count;
        var note = string.Create(CultureInfo.InvariantCulture,
            $"ready after {away.TotalSeconds:0.00} s, all back after {back.TotalSeconds:0.00} s; besides the new endpoint {besides} resources came, {result.Received.Resent} of which were held");
        return [result with { AllAfterSeconds = back.TotalSeconds, Note = note, Missed = [.. result.Missed, .. wrong] }];
    }
}
