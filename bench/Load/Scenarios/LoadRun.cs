using System.Collections.Concurrent;
using OrleansMesh.Load.ControlPlane;
using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Sidecars;

namespace OrleansMesh.Load.Scenarios;

/// <summary>One run: the mesh, who is in it, and the scenarios one after the other.</summary>
/// <param name="server">The server that was started for it; null when it is somebody else's.</param>
/// <param name="serverProcess">The server's process, if it can be seen.</param>
internal sealed class LoadRun(LoadOptions options, ControlPlaneApi controlPlane, Fleet fleet, OwnServer? server, Func<int?> serverProcess, IProgressReport progress)
{
    /// <summary>No sidecar has received anything for this long: the change before has run its course.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _endpoints = [];
    private int _markers;
    private int _newcomers;

    public LoadOptions Options => options;

    public ControlPlaneApi ControlPlane => controlPlane;

    public Fleet Fleet => fleet;

    /// <summary>Null when the server is not ours to restart.</summary>
    public OwnServer? Server => server;

    public IProgressReport Progress => progress;

    /// <summary>What the server has used so far; null where its process cannot be seen.</summary>
    public ProcessUsage? ServerUsage => serverProcess() is { } process ? ProcessUsage.Of(process) : null;

    public Topology Topology { get; } = new(options.Mesh, options.Proxies, options.Services, options.Outbounds, options.ColdCallers);

    /// <summary>Runs the storm and every scenario that was asked for.</summary>
    public async Task<IReadOnlyList<ScenarioResult>> RunAsync()
    {
        await PrepareAsync();
        var results = new List<ScenarioResult> { await Storm.RunAsync(this) };
        foreach (var scenario in Scenario.All.Where(s => options.Scenarios.Count == 0 ? s.RunsUnasked : options.Scenarios.Contains(s.Name)))
            results.AddRange(await scenario.RunAsync(this));
        return results;
    }

    /// <summary>Begins to measure.</summary>
    public async Task<Meter> MeasureAsync()
    {
        await fleet.BecomesQuietAsync(Quiet, options.Patience);
        return new Meter(fleet, serverProcess);
    }

    /// <summary>Makes one change and waits until everybody has it, or time is up.</summary>
    public async Task<Change> DeliverAsync(Change change, IEnumerable<Sidecar> receivers, Func<Task> make)
    {
        change.Start(receivers);
        await make();
        await change.DeliveredAsync(options.Patience);
        progress.Step();
        return change;
    }

    public async Task BecomesQuietAsync() => await fleet.BecomesQuietAsync(Quiet, options.Patience);

    /// <summary>A number that no marker had before.</summary>
    public int NextMarker() => ++_markers;

    /// <summary>A number that no proxy that came later had before.</summary>
    public int NextNewcomer() => _newcomers++;

    /// <summary>An address that nobody has, of the network for benchmarks (RFC 2544).</summary>
    public static string MarkerAddress(int marker) => $"198.18.{marker >> 8}.{marker & 255}";

    /// <summary>Signed beforehand, since a sidecar comes with its token.</summary>
    public async Task<string> TokenAsync(SimulatedProxy proxy)
    {
        if (!_tokens.TryGetValue(proxy.Name, out var token))
            _tokens[proxy.Name] = token = await controlPlane.TokenAsync(proxy);
        return token;
    }

    /// <summary>From now on callers of the service are to see that endpoint, or not to see it.</summary>
    public void Expect(string service, string endpoint, bool present)
    {
        var endpoints = _endpoints.TryGetValue(service, out var known) ? known : _endpoints[service] = new(StringComparer.Ordinal);
        if (present)
            endpoints.Add(endpoint);
        else
            endpoints.Remove(endpoint);
    }

    /// <summary>Waits until every sidecar reaches exactly the endpoints that are there through each of its outbounds.</summary>
    /// <returns>Where that is not so when time is up.</returns>
    public async Task<IReadOnlyList<string>> AuditAsync()
    {
        var end = DateTime.UtcNow + options.Patience;
        while (true)
        {
            var wrong = Fleet.Sidecars.SelectMany(Wrong).ToArray();
            if (wrong.Length == 0 || DateTime.UtcNow > end)
                return wrong;
            await Task.Delay(TimeSpan.FromMilliseconds(250));
        }
    }

    private IEnumerable<string> Wrong(Sidecar sidecar)
    {
        foreach (var (service, port) in sidecar.Proxy.Outbounds)
        {
            var seen = sidecar.EndpointsBehind(port);
            var there = _endpoints.GetValueOrDefault(service) ?? [];
            if (!seen.SetEquals(there))
            {
                yield return $"{sidecar} reaches {seen.Count} endpoints of {service} instead of {there.Count}; "
                    + $"missing {string.Join(", ", there.Except(seen).Order().Take(3))}; too many {string.Join(", ", seen.Except(there).Order().Take(3))}";
            }
        }
    }

    private async Task PrepareAsync()
    {
        await controlPlane.MakeMeshAsync();
        await controlPlane.PermitAsync("load-everybody", "*", "*");
        progress.Begin("tokens", options.Proxies);
        await Parallel.ForEachAsync(Topology.Proxies, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (proxy, _) =>
        {
            await TokenAsync(proxy);
            progress.Step();
        });
    }
}
