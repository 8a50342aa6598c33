using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tests.Hosting;

/// <summary>What the grains of the tests answer, and what they were asked.</summary>
internal sealed class World
{
    private readonly ConcurrentDictionary<string, WorldProxy> _proxies = new();
    private readonly ConcurrentDictionary<string, WorldService> _services = new();

    public World() => Tokens = new TokenRules(1, [Key.Verification], []);

    /// <summary>What holds for the tokens of a mesh that does not exist.</summary>
    public static TokenRules NoTokens { get; } = new(0, [], []);

    public TokenKey Key { get; } = new("key-1");

    /// <summary>What holds for the tokens of the mesh <c>default</c>.</summary>
    public TokenRules Tokens { get; private set; }

    public ConcurrentDictionary<ITokenObserver, bool> TokenObservers { get; } = new();

    /// <summary>How often a mesh was asked for its keys.</summary>
    public int MeshesAsked { get; set; }

    /// <summary>Thrown by what the mesh is asked, where there is one.</summary>
    public Exception? MeshFailure { get; set; }

    /// <summary>Names of proxies that are shut out.</summary>
    public HashSet<string> Quarantined { get; } = [];

    /// <summary>Tells those who observe the tokens.</summary>
    public async Task SetTokensAsync(ValueList<TokenVerificationKey> keys, ValueList<string> revoked)
    {
        Tokens = new TokenRules(Tokens.Version + 1, keys, revoked);
        foreach (var observer in TokenObservers.Keys)
            await observer.TokensChanged(Tokens);
    }

    public WorldProxy Proxy(string name) => _proxies.GetOrAdd($"default/{name}", _ => new WorldProxy());

    public WorldProxy ProxyOf(string key) => _proxies.GetOrAdd(key, _ => new WorldProxy());

    public WorldService Service(string name) => ServiceOf($"default/{name}");

    public WorldService ServiceOf(string key) => _services.GetOrAdd(key, _ => new WorldService(key.Split('/')[0], key.Split('/')[1]));
}

/// <summary>One proxy of the world.</summary>
internal sealed class WorldProxy
{
    private int _issued;

    public Dataplane? Stored { get; set; }

    public ProxyView? View { get; set; }

    public CertificateRecord? Certificate { get; set; }

    /// <summary>The public key that was last signed.</summary>
    public PublicKey? SignedKey { get; set; }

    public Exception? ConnectFailure { get; set; }

    /// <summary>How many more reports that it listens fail.</summary>
    public int ListeningFailures { get; set; }

    public int HeldFailures { get; set; }

    /// <summary>How many reports of a session's end fail from now on.</summary>
    public int DisconnectFailures { get; set; }

    /// <summary>Given the number of certificates so far; runs before one more is signed.</summary>
    public Func<int, Task> BeforeSigning { get; set; } = _ => Task.CompletedTask;

    /// <summary>Who signs.</summary>
    public string AuthorityId { get; set; } = TestAuthority.Id;

    /// <summary>Runs before the connection is answered, with the observer in place.</summary>
    public Func<IProxySessionObserver, Task> BeforeConnected { get; set; } = _ => Task.CompletedTask;

    public IProxySessionObserver? Observer { get; set; }

    public string? Session { get; set; }

    /// <summary>What the grain was asked, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public int Count(string call) => Calls.Count(c => c == call);

    public int NextSerial() => Interlocked.Increment(ref _issued);

    public Task ShowAsync(ProxyView view)
    {
        View = view;
        return Observer!.ViewChanged(view);
    }
}

/// <summary>One service of the world.</summary>
internal sealed class WorldService(string mesh, string service)
{
    private readonly ConcurrentDictionary<IServiceEndpointsObserver, bool> _observers = new();
    private ServiceEndpoints _endpoints = new(mesh, service, 1, []);

    public int Observed { get; private set; }

    /// <summary>How many more observations fail.</summary>
    public int Failures { get; set; }

    public int Observers => _observers.Count;

    public ServiceEndpoints Observe(IServiceEndpointsObserver observer)
    {
        Observed++;
        if (Failures-- > 0)
            throw new InvalidOperationException("the test has the service fail");
        _observers[observer] = true;
        return _endpoints;
    }

    public void Unobserve(IServiceEndpointsObserver observer) => _observers.TryRemove(observer, out _);

    /// <summary>Tells the observers.</summary>
    public async Task SetAsync(params int[] ports)
    {
        var version = _endpoints.Version + 1;
        _endpoints = new ServiceEndpoints(mesh, service, version, ports.Select(port => Views.Endpoint(service, port)).ToValueList());
        foreach (var observer in _observers.Keys)
            await observer.EndpointsChanged(_endpoints);
    }
}
