namespace OrleansMesh.Load.Sidecars;

/// <summary>
/// Who is there and who calls whom: proxies are dealt to services in turn, every service calls the hot one and <c>outbounds - 1</c> of the others, and every
/// one of those is called by as many. The same numbers give the same topology.
/// </summary>
internal sealed class Topology
{
    private const int FirstOutboundPort = 20_000;

    private readonly string _mesh;
    private readonly int _services;
    private readonly int _outbounds;

    /// <exception cref="ArgumentException">The numbers allow no such topology; the message says why.</exception>
    public Topology(string mesh, int proxies, int services, int outbounds)
    {
        if (proxies is < 1 or > 100_000)
            throw new ArgumentException($"--proxies: expected 1 to 100000, found {proxies}");
        if (services is < 2 or > 40_000)
            throw new ArgumentException($"--services: expected 2 to 40000, found {services}");
        if (outbounds < 1 || outbounds > services)
            throw new ArgumentException($"--outbounds: expected 1 to the number of services, {services}, found {outbounds}");
        (_mesh, _services, _outbounds) = (mesh, services, outbounds);
        Proxies = [.. Enumerable.Range(0, proxies).Select(Proxy)];
    }

    public IReadOnlyList<SimulatedProxy> Proxies { get; }

    /// <summary>Is called by every service.</summary>
    public string Hot { get; } = ServiceName(0);

    /// <summary>A service like most.</summary>
    public string Cold => ServiceName(_services / 2);

    /// <summary>A replica of the same service that comes in another's place, with a name and an address that none had before.</summary>
    /// <param name="ordinal">How many came so before.</param>
    public SimulatedProxy Replacement(SimulatedProxy left, int ordinal)
    {
        var index = Proxies.Count + ordinal;
        return left with { Name = ProxyName(index), Address = ProxyAddress(index) };
    }

    private SimulatedProxy Proxy(int index)
    {
        var service = index % _services;
        int[] others = [.. Enumerable.Range(0, _outbounds - 1).Select(k => 1 + (int)((((long)service * (_outbounds - 1)) + k) % (_services - 1)))];
        return new SimulatedProxy(
            _mesh, ProxyName(index), ServiceName(service), ProxyAddress(index),
            [.. others.Prepend(0).Select(s => (ServiceName(s), FirstOutboundPort + s))]);
    }

    private static string ServiceName(int service) => $"service-{service:00000}";

    private static string ProxyName(int index) => $"proxy-{index:000000}";

    private static string ProxyAddress(int index)
    {
        var host = index + 1;
        return $"10.{host >> 16}.{(host >> 8) & 255}.{host & 255}";
    }
}
