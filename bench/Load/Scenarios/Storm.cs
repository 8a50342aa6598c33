using System.Diagnostics;
using System.Globalization;
using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Sidecars;

namespace OrleansMesh.Load.Scenarios;

/// <summary>All sidecars connect, some at a time: the next one when one of those before it is fully configured.</summary>
internal static class Storm
{
    public static async Task<ScenarioResult> RunAsync(LoadRun run)
    {
        run.Progress.Begin("storm", run.Topology.Proxies.Count);
        foreach (var proxy in run.Topology.Proxies)
            run.Expect(proxy.Service, proxy.Endpoint, present: true);
        var meter = await run.MeasureAsync();
        using var room = new SemaphoreSlim(run.Options.AtOnce);
        var configuring = new List<Task<(Sidecar Sidecar, double? Milliseconds)>>();
        foreach (var proxy in run.Topology.Proxies)
        {
            var token = await run.TokenAsync(proxy);
            await room.WaitAsync();
            configuring.Add(ConfigureAsync(run, run.Fleet.Join(proxy, token), room));
        }

        var configured = await Task.WhenAll(configuring);
        var took = meter.Elapsed;
        await run.BecomesQuietAsync();
        var quiet = meter.Elapsed;

        // One that had everything may have been given more since, which refers to something that it was not given.
        IReadOnlyList<string> missed = [.. configured
            .Select(c => (c.Sidecar, c.Milliseconds, Lacking: c.Sidecar.Lacking()))
            .Where(c => c.Milliseconds is null || c.Lacking.Count > 0)
            .Select(c => $"{c.Sidecar} lacks {(c.Lacking.Count > 0 ? string.Join(", ", c.Lacking.Take(5)) : "nothing now, but came too late")}"
                + (c.Sidecar.LastFailure is { } why ? $" ({why})" : ""))];

        // A sidecar that is not configured is no endpoint, and all its callers would be said to miss it.
        if (missed.Count == 0)
            missed = await run.AuditAsync();
        var converged = meter.Elapsed;
        var note = string.Create(CultureInfo.InvariantCulture,
            $"all configured after {took.TotalSeconds:0.00} s, quiet within {quiet.TotalSeconds:0.00} s, all endpoints everywhere within {converged.TotalSeconds:0.00} s");
        return meter.Result("storm", 0, configured.Select(c => c.Milliseconds).OfType<double>(), missed, note);
    }

    private static async Task<(Sidecar Sidecar, double? Milliseconds)> ConfigureAsync(LoadRun run, Sidecar sidecar, SemaphoreSlim room)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAny(sidecar.Configured, Task.Delay(run.Options.Patience));
        double? took = sidecar.Configured.IsCompleted ? clock.Elapsed.TotalMilliseconds : null;
        room.Release();
        run.Progress.Step();
        return (sidecar, took);
    }
}
