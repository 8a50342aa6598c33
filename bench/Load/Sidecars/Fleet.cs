using System.Collections.Concurrent;
using OrleansMesh.Load.ControlPlane;
using OrleansMesh.Load.Transport;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Sidecars;

/// <summary>Every sidecar that is there.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    /// <summary>How often Envoy asks the control plane for a sign of life, as its bootstrap says.</summary>
    private static readonly TimeSpan KeepaliveInterval = TimeSpan.FromSeconds(60);

    private readonly ServerAddress _server;
    private readonly Variant _variant;
    private readonly BodyCatalog _bodies = new();
    private readonly ConcurrentDictionary<string, Sidecar> _sidecars = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _keepalive;
    private Traffic _ofThoseWhoLeft;

    public Fleet(ServerAddress server, Variant variant)
    {
        _server = server;
        _variant = variant;
        _keepalive = KeepAliveAsync();
    }

    public IEnumerable<Sidecar> Sidecars => _sidecars.Values;

    public Variant Variant => _variant;

    /// <summary>What all of them received, including those that left.</summary>
    public Traffic Received => _sidecars.Values.Aggregate(_ofThoseWhoLeft, (sum, s) => sum + s.Received);

    public IEnumerable<Sidecar> CallersOf(string service) => Sidecars.Where(s => s.Proxy.Outbounds.Any(o => o.Service == service));

    /// <summary>Adds a sidecar and lets it connect.</summary>
    public Sidecar Join(SimulatedProxy proxy, string? token)
    {
        var sidecar = new Sidecar(proxy, token, _server, _variant, _bodies);
        if (!_sidecars.TryAdd(proxy.Name, sidecar))
            throw new ArgumentException($"{proxy.Name} has joined already", nameof(proxy));
        sidecar.Start();
        return sidecar;
    }

    /// <summary>Takes a sidecar out: it tells the control plane where that is possible, and closes its connection.</summary>
    public async Task LeaveAsync(Sidecar sidecar, ControlPlaneApi controlPlane)
    {
        await controlPlane.LeaveAsync(sidecar.Proxy, sidecar.Token);
        await RemoveAsync(sidecar);
    }

    /// <summary>Takes a sidecar out without a word, as a process does that is killed.</summary>
    public Task VanishAsync(Sidecar sidecar) => RemoveAsync(sidecar);

    /// <summary>Lets another sidecar that holds nothing take a sidecar's place: the same proxy, with the same token.</summary>
    public async Task<Sidecar> ConnectAfreshAsync(Sidecar sidecar)
    {
        await RemoveAsync(sidecar);
        return Join(sidecar.Proxy, sidecar.Token);
    }

    /// <summary>Somebody claims to be that proxy, with a token that does not prove it.</summary>
    /// <returns>What it achieved; null when it was refused and told nothing.</returns>
    public Task<string?> ClaimAsync(SimulatedProxy proxy, string? token, TimeSpan patience) => Impostor.TryAsync(_server, _variant, proxy, token, patience);

    /// <summary>Waits until nothing has been received for that long.</summary>
    public async Task BecomesQuietAsync(TimeSpan quiet, TimeSpan patience)
    {
        var end = DateTime.UtcNow + patience;
        for (var before = -1L; Received.Messages != before && DateTime.UtcNow < end;)
        {
            before = Received.Messages;
            await Task.Delay(quiet);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keepalive;
        await Task.WhenAll(_sidecars.Values.Select(RemoveAsync));
        _stop.Dispose();
    }

    private async Task RemoveAsync(Sidecar sidecar)
    {
        await sidecar.LeaveAsync();
        if (!_sidecars.TryRemove(sidecar.Proxy.Name, out _))
            return;
        lock (_sidecars)
            _ofThoseWhoLeft += sidecar.Received;
        sidecar.Dispose();
    }

    private async Task KeepAliveAsync()
    {
        // A tenth of them at a time: real ones did not start together either.
        const int Parts = 10;
        for (var part = 0; !_stop.IsCancellationRequested; part = (part + 1) % Parts)
        {
            await Task.Delay(KeepaliveInterval / Parts, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var sidecar in Sidecars.Where(s => (uint)s.Proxy.Name.GetHashCode(StringComparison.Ordinal) % Parts == part))
                sidecar.Ping();
        }
    }
}
