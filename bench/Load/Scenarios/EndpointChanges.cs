using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Sidecars;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Scenarios;

/// <summary>A service gets an endpoint, and loses it again; its callers are to learn of both.</summary>
internal static class EndpointChanges
{
    public static async Task<IReadOnlyList<ScenarioResult>> RunAsync(LoadRun run, string name, string service)
    {
        run.Progress.Begin(name, 2 * run.Options.Rounds);
        var meter = await run.MeasureAsync();
        var added = new List<(Change Change, string Dataplane, string Address)>();
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            var marker = run.NextMarker();
            var (dataplane, address) = ($"marker-{marker}", LoadRun.MarkerAddress(marker));
            var change = new Change($"endpoint {address} of {service}", [ResourceType.Endpoints], Change.AddressMarker(address), isWithdrawal: false);
            await run.DeliverAsync(change, run.Fleet.CallersOf(service), () => run.ControlPlane.AddEndpointAsync(dataplane, service, address));
            added.Add((change, dataplane, address));
        }

        await run.BecomesQuietAsync();
        var additions = meter.Result($"{name} added", [.. added.Select(a => a.Change)]);

        meter = await run.MeasureAsync();
        var removed = new List<Change>();
        foreach (var (_, dataplane, address) in added)
        {
            var change = new Change($"the end of endpoint {address} of {service}", [ResourceType.Endpoints], Change.AddressMarker(address), isWithdrawal: true);
            removed.Add(await run.DeliverAsync(change, run.Fleet.CallersOf(service), () => run.ControlPlane.RemoveEndpointAsync(dataplane)));
        }

        await run.BecomesQuietAsync();
        return [additions, meter.Result($"{name} removed", removed)];
    }
}
