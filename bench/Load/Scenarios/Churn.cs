using OrleansMesh.Load.Sidecars;

namespace OrleansMesh.Load.Scenarios;

#pragma warning disable CA5394 // The same seed gives the same run; no secret depends on it.

/// <summary>Whatever happens to a mesh in a long time, at random: sidecars come, go, vanish and break; permissions and endpoints come and go; strangers try to get in.</summary>
internal sealed class Churn(LoadRun run, Random random)
{
    private const int Permissions = 12;

    /// <summary>The number of sidecars stays within a tenth of what it was.</summary>
    private const int Tolerance = 10;

    private readonly HashSet<int> _permissions = [];
    private readonly List<(string Dataplane, string Service, string Endpoint)> _endpoints = [];
    private readonly List<string> _trespasses = [];
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Strangers that got in, in words.</summary>
    public IReadOnlyList<string> Trespasses => _trespasses;

    /// <summary>Connections that were broken from the sidecar's side.</summary>
    public int Broken => _counts.GetValueOrDefault("breaks");

    public string Summary => string.Join(", ", _counts.Select(c => $"{c.Value} {c.Key}"));

    /// <summary>One thing happens.</summary>
    public async Task ActAsync()
    {
        var size = run.Topology.Proxies.Count;
        var now = run.Fleet.Sidecars.Count();
        var what = random.Next(10) switch
        {
            0 or 1 when now < size + (size / Tolerance) => ("joins", JoinAsync()),
            2 when now > size - (size / Tolerance) => ("leaves", LeaveAsync()),
            3 when now > size - (size / Tolerance) => ("vanishes", VanishAsync()),
            4 => ("breaks", BreakAsync()),
            5 or 6 => ("permission flips", FlipPermissionAsync()),
            7 => ("endpoint flips", FlipEndpointAsync()),
            8 or 9 => ("token errors", TrespassAsync()),
            _ => ("pauses", Task.CompletedTask),
        };
        await what.Item2;
        _counts[what.Item1] = _counts.GetValueOrDefault(what.Item1) + 1;
    }

    private Sidecar Anyone()
    {
        var sidecars = run.Fleet.Sidecars.OrderBy(s => s.Proxy.Name, StringComparer.Ordinal).ToArray();
        return sidecars[random.Next(sidecars.Length)];
    }

    private string Service() => run.Topology.Proxies[random.Next(run.Topology.Proxies.Count)].Service;

    private async Task JoinAsync()
    {
        var proxy = run.Topology.Newcomer(run.NextNewcomer());
        run.Fleet.Join(proxy, await run.TokenAsync(proxy));
        run.Expect(proxy.Service, proxy.Endpoint, present: true);
    }

    private async Task LeaveAsync()
    {
        var sidecar = Anyone();
        await run.Fleet.LeaveAsync(sidecar, run.ControlPlane);
        run.Expect(sidecar.Proxy.Service, sidecar.Proxy.Endpoint, present: false);
    }

    private async Task VanishAsync()
    {
        var sidecar = Anyone();
        await run.Fleet.VanishAsync(sidecar);
        run.Expect(sidecar.Proxy.Service, sidecar.Proxy.Endpoint, present: false);
    }

    private Task BreakAsync()
    {
        Anyone().Break();
        return Task.CompletedTask;
    }

    private async Task FlipPermissionAsync()
    {
        var permission = random.Next(Permissions);
        var name = $"soak-{permission}";
        if (_permissions.Remove(permission))
        {
            await run.ControlPlane.WithdrawPermissionAsync(name);
            return;
        }

        _permissions.Add(permission);
        await run.ControlPlane.PermitAsync(name, Service(), permission % 3 == 0 ? "*" : Service());
    }

    private async Task FlipEndpointAsync()
    {
        if (_endpoints.Count > 0 && random.Next(2) == 0)
        {
            var (gone, from, was) = _endpoints[random.Next(_endpoints.Count)];
            _endpoints.Remove((gone, from, was));
            await run.ControlPlane.RemoveEndpointAsync(gone);
            run.Expect(from, was, present: false);
            return;
        }

        var marker = run.NextMarker();
        var (dataplane, service, address) = ($"soak-{marker}", random.Next(2) == 0 ? run.Topology.Hot : Service(), LoadRun.MarkerAddress(marker));
        var endpoint = $"{address}:{SimulatedProxy.InboundPort}";
        await run.ControlPlane.AddEndpointAsync(dataplane, service, address);
        run.Expect(service, endpoint, present: true);
        _endpoints.Add((dataplane, service, endpoint));
    }

    /// <summary>Without a token, with nonsense, with somebody else's, or with one that was altered; the proxy whose name is used is not to notice.</summary>
    private async Task TrespassAsync()
    {
        var (claimed, other) = (Anyone().Proxy, Anyone());
        var own = await run.TokenAsync(claimed);
        var token = random.Next(4) switch
        {
            0 => null,
            1 => "nonsense",
            2 when other.Proxy.Name != claimed.Name => other.Token,
            _ => $"{own[..^8]}{(own[^8] == 'A' ? 'B' : 'A')}{own[^7..]}",
        };
        if (await run.Fleet.ClaimAsync(claimed, token, run.Options.Patience) is { } achieved)
            _trespasses.Add(achieved);
    }
}
