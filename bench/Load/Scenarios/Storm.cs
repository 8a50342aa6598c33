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
        var configuring = new List<Task<Configuring>>();
        foreach (var proxy in run.Topology.Proxies)
        {
            var token = await run.TokenAsync(proxy);
            await room.WaitAsync();
            configuring.Add(ConfigureAsync(run.Fleet.Join(proxy, token)));
        }

        var configured = await Task.WhenAll(configuring);
        var took = meter.Elapsed;
        await run.BecomesQuietAsync();
        var quiet = meter.Elapsed;
        var missed = Missed(configured);

        // A sidecar that is not configured is no endpoint, and all its callers would be said to miss it.
        if (missed.Count == 0)
            missed = await run.AuditAsync();
        var converged = meter.Elapsed;
        var note = string.Create(CultureInfo.InvariantCulture,
            $"all configured after {took.TotalSeconds:0.00} s, quiet within {quiet.TotalSeconds:0.00} s, all endpoints everywhere within {converged.TotalSeconds:0.00} s");
        var result = meter.Result("storm", 0, configured.Select(c => c.Milliseconds).OfType<double>(), missed, note) with { AllAfterSeconds = took.TotalSeconds };

        // After the measurement: to prove 10,000 certificates takes seconds.
        return missed.Count > 0 ? result : result with { Missed = [.. run.Fleet.Sidecars.Select(HeldIdentity.ProblemOf).OfType<string>()] };

        async Task<Configuring> ConfigureAsync(Sidecar sidecar)
        {
            var one = await Configuring.AwaitAsync(sidecar, run.Options.Patience);
            room.Release();
            run.Progress.Step();
            return one;
        }
    }

    /// <summary>Who was not configured in time, or lacks something.</summary>
    public static IReadOnlyList<string> Missed(IEnumerable<Configuring> configured) =>
    [
        // One that had everything may have been given more since, which refers to something that it was not given.
        .. configured
            .Select(c => (c.Sidecar, c.Milliseconds, Lacking: c.Sidecar.Lacking()))
            .Where(c => c.Milliseconds is null || c.Lacking.Count > 0)
            .Select(c => $"{c.Sidecar} lacks {(c.Lacking.Count > 0 ? string.Join(", ", c.Lacking.Take(5)) : "nothing now, but came too late")}"
                + (c.Sidecar.LastFailure is { } why ? $" ({why})" : "")),
    ];
}

/// <summary>A sidecar that was to be configured.</summary>
/// <param name="Milliseconds">How long it took; null when time was up before.</param>
internal sealed record Configuring(Sidecar Sidecar, double? Milliseconds)
{
    public static async Task<Configuring> AwaitAsync(Sidecar sidecar, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAny(sidecar.Configured, Task.Delay(patience));
        return new(sidecar, sidecar.Configured.IsCompleted ? clock.Elapsed.TotalMilliseconds : null);
    }
}
