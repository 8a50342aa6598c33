namespace OrleansMesh.Load.Sidecars;

/// <summary>
/// Who is there and who calls whom: proxies are dealt to services in turn, every service calls the hot one and <c>outbounds - 1</c> of the others, and every
/// one of those is called by as many, except that the cold service may be given more callers. The same numbers give the same topology.
/// </summary>
internal sealed class Topology
{
    private const int FirstOutboundPort = 20_000;

    private readonly string _mesh;
    private readonly int _services;
    private readonly int _outbounds;
    private readonly int _cold;

    /// <summary>The first so many services call the cold one in any case.</summary>
    private readonly int _sureCallers;

    /// <param name="coldCallers">How many proxies call the cold service at least, to a service's replicas; null: as many as call any other.</param>
    /// <exception cref="ArgumentException">The numbers allow no such topology; the message says why.</exception>
    public Topology(string mesh, int proxies, int services, int outbounds, int? coldCallers = null)
    {
        if (proxies is < 1 or > 100_000)
            throw new ArgumentException($"--proxies: expected 1 to 100000, found {proxies}");
        if (services is < 2 or > 40_000)
            throw new ArgumentException($"--services: expected 2 to 40000, found {services}");
        if (outbounds < 1 || outbounds > services)
            throw new ArgumentException($"--outbounds: expected 1 to the number of services, {services}, found {outbounds}");
        if (coldCallers is not null && (coldCallers < 1 || coldCallers > proxies || outbounds < 2))
            throw new ArgumentException($"--cold-callers: expected 1 to the number of sidecars, {proxies}, which call more than the hot service, found {coldCallers}");
        (_mesh, _services, _outbounds) = (mesh, services, outbounds);
        // One that has a replica, also where there are fewer proxies than services.
        _cold = Math.Max(1, Math.Min(services, proxies) / 2);
        for (var callers = Enumerable.Range(0, services).Where(CallsColdByTurn).Sum(Replicas); callers < coldCallers && _sureCallers < services; _sureCallers++)
            callers += CallsColdByTurn(_sureCallers) ? 0 : Replicas(_sureCallers);
        Proxies = [.. Enumerable.Range(0, proxies).Select(Proxy)];

        int Replicas(int service) => (proxies / services) + (service < proxies % services ? 1 : 0);
    }

    public IReadOnlyList<SimulatedProxy> Proxies { get; }

    /// <summary>Is called by every service.</summary>
    public string Hot { get; } = ServiceName(0);

    /// <summary>A service like most.</summary>
    public string Cold => ServiceName(_cold);

    /// <summary>A replica of the same service that comes in another's place, with a name and an address that none had before.</summary>
    /// <param name="ordinal">How many came so before, or as newcomers.</param>
    public SimulatedProxy Replacement(SimulatedProxy left, int ordinal)
    {
        var index = Proxies.Count + ordinal;
        return left with { Name = ProxyName(index), Address = ProxyAddress(index) };
    }

    /// <summary>One more proxy, dealt to the next service in turn.</summary>
    /// <param name="ordinal">How many came so before, or as replacements.</param>
    public SimulatedProxy Newcomer(int ordinal) => Proxy(Proxies.Count + ordinal);

    private SimulatedProxy Proxy(int index)
    {
        var service = index % _services;
        return new SimulatedProxy(
            _mesh, ProxyName(index), ServiceName(service), ProxyAddress(index),
            [.. Callees(service).Prepend(0).Select(s => (ServiceName(s), FirstOutboundPort + s))]);
    }

    /// <summary>What a service calls besides the hot one.</summary>
    private List<int> Callees(int service)
    {
        var callees = Enumerable.Range(0, _outbounds - 1).Select(k => Callee(service, k)).ToList();
        if (service < _sureCallers && !CallsColdByTurn(service))
            callees[^1] = _cold;
        return callees;
    }

    private bool CallsColdByTurn(int service) => Enumerable.Range(0, _outbounds - 1).Any(k => Callee(service, k) == _cold);

    private int Callee(int service, int k) => 1 + (int)((((long)service * (_outbounds - 1)) + k) % (_services - 1));

    private static string ServiceName(int service) => $"service-{service:00000}";

    private static string ProxyName(int index) => $"proxy-{index:000000}";

    private static string ProxyAddress(int index)
    {
        var host = index + 1;
        return $"10.{host >> 16}.{(host >> 8) & 255}.{host & 255}";
    }
}
