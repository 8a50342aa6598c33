using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests.Silos;

/// <summary>
/// Three servers on one PostgreSQL, sixty proxies, of which four are real Envoys with traffic through them, and a steady load of writes; and what has to hold whatever
/// is done to servers and database meanwhile: no acknowledged write is lost, no server shows less than it was asked to wait for, no request through the Envoys
/// fails, every proxy ends with what a new connection gets, and the log is whole.
/// </summary>
internal sealed class FleetUnderLoad : IAsyncDisposable
{
    private const int Simulated = 56;
    private const int Services = 8;
    private const int Writers = 4;

    private readonly SiloFleet _fleet;
    private readonly List<Workload> _workloads = [];
    private readonly List<RoamingProxy> _proxies = [];
    private readonly List<HttpClient> _clients = [];
    private readonly List<SteadyLoad> _loads = [];
    private readonly ConcurrentDictionary<string, int> _acknowledged = new();
    private readonly ConcurrentQueue<string> _stale = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _writing = Task.CompletedTask;
    private int _writes;

    private FleetUnderLoad(SiloFleet fleet) => _fleet = fleet;

    public SiloFleet Fleet => _fleet;

    /// <summary>Everything runs, and every Envoy carries traffic, when this returns.</summary>
    /// <param name="program">What the servers run, where that is not the program of the checkout.</param>
    public static async Task<FleetUnderLoad> StartAsync(string? program = null)
    {
        var under = new FleetUnderLoad(await SiloFleet.StartAsync(3, program: program));
        try
        {
            await under.BeginAsync();
            return under;
        }
        catch
        {
            await under.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the load, and holds everything against everything.</summary>
    public async Task HoldsAsync()
    {
        await _stop.CancelAsync();
        await _writing;
        foreach (var load in _loads)
            await load.StopAsync();
        var failed = _loads.SelectMany(l => l.Answers).Where(a => a.Status != HttpStatusCode.OK).ToList();
        Assert.True(failed.Count == 0, $"{failed.Count} of {_loads.Sum(l => l.Answers.Count)} requests through the Envoys failed: {failed.FirstOrDefault()}");
        Assert.Empty(_stale);
        Assert.True(_acknowledged.Count >= Writers, "hardly a write was acknowledged");
        foreach (var silo in _fleet.Silos)
            await KnowsEveryAcknowledgedWriteAsync(silo);
        await EachProxyHoldsWhatANewConnectionGetsAsync();
        foreach (var workload in _workloads)
            await EnvoyHoldsWhatANewConnectionGetsAsync(workload.Sidecar);

        var events = await _fleet.EventsAsync();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Position));
        Assert.All(events.GroupBy(e => e.Stream), stream => Assert.Equal(Enumerable.Range(1, stream.Count()).Select(i => (long)i), stream.Select(e => e.Version)));
    }

    /// <summary>How much was done, for a test's output.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{_writes} writes acknowledged, {_loads.Sum(l => l.Answers.Count)} requests through Envoys, {_proxies.Count} simulated proxies");

    public async ValueTask DisposeAsync()
    {
        // The processes go in any case: what the load ran into is for HoldsAsync to tell.
        await _stop.CancelAsync();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var load in _loads)
            await load.DisposeAsync();
        await Task.WhenAll(_proxies.Select(p => p.DisposeAsync().AsTask())).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var workload in _workloads)
            await workload.DisposeAsync();
        _clients.ForEach(c => c.Dispose());
        await _fleet.DisposeAsync();
        _stop.Dispose();
    }

    private async Task BeginAsync()
    {
        var first = _fleet.Silos[0];
        await first.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await first.ApplyAsync(Resources.PermissionPath("web-to-backend"), Resources.Permission("web-to-backend", "web", "backend"));
        await first.ApplyAsync(Resources.PermissionPath("to-simulated"), Resources.Permission("to-simulated", "*", "sim-0"));
        for (var i = 0; i < 2; i++)
        {
            _workloads.Add(await Workload.StartAsync(_fleet.Silos[i], $"backend-{i}", "backend"));
            _workloads.Add(await Workload.StartAsync(_fleet.Silos[i + 1], $"web-{i}", "web", "backend"));
        }

        for (var i = 0; i < Simulated; i++)
        {
            var spec = new SidecarSpec($"sim-{i}", $"sim-{i % Services}", 9).Calling("backend", $"sim-{(i + 1) % Services}");
            _proxies.Add(RoamingProxy.Start(_fleet.Silos, spec, await first.TokenAsync(spec.Name, service: spec.Service), i));
        }

        foreach (var web in _workloads.Where(w => w.Sidecar.Spec.Service == "web"))
        {
            var client = new HttpClient { BaseAddress = web.Sidecar.Spec.To("backend") };
            _clients.Add(client);
            await Eventually.BecomesTrue("web may call backend", async () => (await client.GetAsync("/")).StatusCode == HttpStatusCode.OK);
        }

        await Eventually.BecomesTrue(
            "every simulated proxy has its configuration", () => Task.FromResult(_proxies.All(p => p.Content().Keys.Any(k => k.Contains("Listener", StringComparison.Ordinal)))));
        _loads.AddRange(_clients.Select(c => SteadyLoad.Start(c, perSecond: 20)));
        _writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(WriteAsync));
    }

    /// <summary>Changes permissions of its own, one after another, each time through any server, and reads what was acknowledged through any other.</summary>
    private async Task WriteAsync(int writer)
    {
        var random = new Random(writer);
        for (var round = 1; !_stop.IsCancellationRequested; round++)
        {
            var name = $"p-{writer}-{round % 5}";
            try
            {
                using var content = new StringContent(Resources.Permission(name, $"source-{round}", $"sim-{writer}"), Encoding.UTF8, "application/yaml");
                using var response = await _fleet.Silos[random.Next(_fleet.Silos.Count)].Api.PutAsync(Resources.PermissionPath(name), content, _stop.Token);
                if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created)
                {
                    _acknowledged[name] = round;
                    Interlocked.Increment(ref _writes);
                    await ReadsAsync(_fleet.Silos[random.Next(_fleet.Silos.Count)], name, round, response.Headers.GetValues("Mesh-Position").Single());
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // Not acknowledged: it may be there or not.
            }

            await Task.Delay(20, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadsAsync(ServerProcess silo, string name, int round, string position)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Resources.PermissionPath(name));
        request.Headers.Add("Mesh-Position", position);
        using var response = await silo.Api.SendAsync(request, _stop.Token);
        var body = await response.Content.ReadAsStringAsync(_stop.Token);
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable))
            _stale.Enqueue($"{name} was acknowledged at {position}, and a server that was given that says {(int)response.StatusCode} {body}");
        else if (response.StatusCode == HttpStatusCode.OK && !body.Contains($"source-{round}\"", StringComparison.Ordinal))
            _stale.Enqueue($"{name} was {round} at {position}, and a server that was given that says {body}");
    }

    private async Task KnowsEveryAcknowledgedWriteAsync(ServerProcess silo)
    {
        IReadOnlyList<string> lost = [];
        await Eventually.BecomesTrue(
            "a server knows every write that was acknowledged",
            async () =>
            {
                var items = (await silo.GetAsync("/traffic-permissions?size=1000"))["items"]!.AsArray();
                var stored = items.ToDictionary(i => i!["name"]!.GetValue<string>(), i => i!["sources"]![0]!["match"]!["kuma.io/service"]!.GetValue<string>());
                lost = [.. _acknowledged.Where(a => Round(stored.GetValueOrDefault(a.Key)) < a.Value).Select(a => $"{a.Key}: {a.Value}, stored {stored.GetValueOrDefault(a.Key)}")];
                return lost.Count == 0;
            },
            explain: () => string.Join(", ", lost));

        static int Round(string? source) => source is null ? 0 : int.Parse(source["source-".Length..], CultureInfo.InvariantCulture);
    }

    private Task EachProxyHoldsWhatANewConnectionGetsAsync()
        => Parallel.ForEachAsync(_proxies.Index(), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (proxy, _) =>
        {
            var (at, held) = proxy;
            var token = await _fleet.Silos[0].TokenAsync(held.Spec.Name, service: held.Spec.Service);
            await using var fresh = RoamingProxy.Start([_fleet.Silos[at % _fleet.Silos.Count]], held.Spec, token, 0);
            await BecomesTheSameAsync(held.Spec.Name, () => Task.FromResult<IReadOnlyDictionary<string, string>>(held.Content()), fresh.Content);
            Assert.Empty(held.Resent);
            await held.DisposeAsync();
        });

    /// <summary>Listeners, clusters and permissions by name and version, which is a hash of their content.</summary>
    private async Task EnvoyHoldsWhatANewConnectionGetsAsync(Sidecar envoy)
    {
        var token = await _fleet.Silos[0].TokenAsync(envoy.Spec.Name, service: envoy.Spec.Service);
        await using var fresh = RoamingProxy.Start(_fleet.Silos, envoy.Spec, token, 0);
        await BecomesTheSameAsync(envoy.Spec.Name, async () => await envoy.VersionsAsync(), () => fresh.Content()
            .Where(r => r.Key.Contains(".Listener ", StringComparison.Ordinal) || r.Key.Contains(".Cluster ", StringComparison.Ordinal)
                || r.Key.Contains(".TypedExtensionConfig ", StringComparison.Ordinal))
            .ToDictionary(r => r.Key, r => r.Value.Split(' ')[0]));
    }

    private static async Task BecomesTheSameAsync(string proxy, Func<Task<IReadOnlyDictionary<string, string>>> held, Func<IReadOnlyDictionary<string, string>> given)
    {
        var difference = "";
        await Eventually.BecomesTrue(
            $"{proxy} holds what a new connection gets",
            async () =>
            {
                var (has, gets) = (await held(), given());
                difference = string.Join("; ", has.Keys.Union(gets.Keys).Where(k => has.GetValueOrDefault(k) != gets.GetValueOrDefault(k)).Take(3)
                    .Select(k => $"{k}: has {has.GetValueOrDefault(k)}, gets {gets.GetValueOrDefault(k)}"));
                return gets.Count > 0 && difference.Length == 0;
            },
            explain: () => difference);
    }
}
