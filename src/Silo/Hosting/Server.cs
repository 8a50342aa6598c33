using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OrleansMesh.Domain.Events;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.Grains;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Authorities;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Diagnostics;
using OrleansMesh.Silo.Files;
using OrleansMesh.Silo.Index;
using OrleansMesh.Silo.Metrics;
using OrleansMesh.Silo.Rest;
using OrleansMesh.Silo.Tls;
using OrleansMesh.XdsGateway;

namespace OrleansMesh.Silo.Hosting;

/// <summary>The control plane: every room wired to the others. Several may live in one process, each with its own data folder.</summary>
public sealed class Server : IAsyncDisposable
{
    /// <summary>Connections that the kernel keeps until they are accepted; it may hold fewer (net.core.somaxconn).</summary>
    private const int ConnectBacklog = 4096;

    private const string KeyEncryptionKeyFile = "key-encryption.key";

    private readonly WebApplication _app;
    private readonly OpenedStore _store;
    private readonly KeyRing _keys;
    private readonly ServerFailure _failure;

    private Server(WebApplication app, OpenedStore store, KeyRing keys)
    {
        _app = app;
        _store = store;
        _keys = keys;
        _failure = app.Services.GetRequiredService<ServerFailure>();
    }

    /// <summary>Why the server stopped by itself; null when it did not.</summary>
    public Exception? Failure => _failure.Exception;

    public IServiceProvider Services => _app.Services;

    /// <summary>Opens the data folder and proves the log; nothing listens yet.</summary>
    /// <exception cref="ServerStartException">The data folder or the TLS certificate cannot be had.</exception>
    /// <exception cref="LogDamagedException">The log is not as it was written.</exception>
    /// <exception cref="EventStoreUnavailableException">Another server has the folder, the disk fails, or the database cannot be used.</exception>
    /// <exception cref="SecretUnavailableException">The key-encryption key cannot be had.</exception>
    public static async Task<Server> OpenAsync(ServerConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddServerLogging(configuration.Log);
        using var logging = LoggerFactory.Create(log => log.AddServerConsole(configuration.Log));
        var metrics = new MetricsCollector();
        var data = DataFolder.Open(configuration.DataFolder);
        var store = await OpenedStore.OpenAsync(
            configuration.Store.Address,
            new OpeningOptions
            {
                PasswordFile = configuration.Store.PasswordFile,
                AcceptMissingWitness = configuration.AcceptMissingWitness,
                Vocabulary = new($"OrleansMesh {ServerInstance.Version}", [.. EventCodec.EventTypes.Keys]),
            },
            logging);
        KeyRing? keys = null;
        try
        {
            var isShared = configuration.Store.Address is PostgresAddress;
            keys = await KeyRing.OpenAsync(
                new(data.FileNamed(KeyEncryptionKeyFile), configuration.KeyEncryptionKey, configuration.KeyEncryptionKeyNext, isShared), store.Keys);
            var vault = new SecretVault(keys, store.Keys);
            var authority = isShared ? await SharedAuthority.OpenAsync(store.Events, vault, TimeProvider.System.GetUtcNow()) : null;
            var tls = DpServerTls.Open(configuration.DpServer, data, TimeProvider.System, authority);
            var tokenKeys = ConfiguredKeys.Open(configuration);
            var listeners = new ServerListeners(
                configuration, tls, DpServerTls.OpenForApi(configuration.Api.Tls, data, TimeProvider.System, authority), ClientCertificates.Open(configuration.Api.Tls));
            builder.Services.AddSingleton(new KeyRotation(keys, store.Keys));
            AddServices(builder, configuration, data, store, vault, metrics, tls, tokenKeys, listeners);
            builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(listeners.Configure);
            var app = builder.Build();
            app.MapListener(Listener.Api, api => api.UseRestApi());
            app.MapListener(Listener.Diagnostics, diagnostics => diagnostics.UseDiagnostics());
            app.MapListener(Listener.DpServer, proxies =>
            {
                proxies.UseRouting();
                proxies.UseEndpoints(routes => routes.MapXdsGateway());
                proxies.Run(NotFoundPage.Write);
            });
            return new Server(app, store, keys);
        }
        catch
        {
            keys?.Dispose();
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs until the process is told to stop, or fails.</summary>
    /// <exception cref="ServerStartException">It cannot listen where it is told to.</exception>
    public async Task RunAsync()
    {
        await ListenAsync(CancellationToken.None);
        await _app.WaitForShutdownAsync();
    }

    /// <summary>Starts the server and returns when it is ready.</summary>
    /// <exception cref="ServerStartException">It cannot listen where it is told to, or stopped before it was ready.</exception>
    public async Task<BoundPorts> StartAsync(CancellationToken cancellationToken = default)
    {
        await ListenAsync(cancellationToken);
        var stopped = Task.Delay(Timeout.Infinite, Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        if (await Task.WhenAny(Services.GetRequiredService<Readiness>().WhenReady, stopped).WaitAsync(cancellationToken) == stopped)
            throw new ServerStartException("the server stopped before it was ready", Failure);
        return Services.GetRequiredService<ServerListeners>().Ports;
    }

    /// <summary>Stops listening, ends what runs, and keeps everything that was acknowledged.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _keys.Dispose();
        await _store.DisposeAsync();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw ListenFailure.Of(Services.GetRequiredService<ServerConfiguration>(), e);
        }
    }

    // Hosted services stop in the opposite order: Kestrel first, which is added last, then what calls grains, then the silo.
    private static void AddServices(
        WebApplicationBuilder builder,
        ServerConfiguration configuration,
        DataFolder data,
        OpenedStore store,
        SecretVault vault,
        MetricsCollector metrics,
        DpServerTls tls,
        ConfiguredKeys tokenKeys,
        ServerListeners listeners)
    {
        var (services, instance) = (builder.Services, ServerInstance.New());
        services.Configure<HostOptions>(options => options.ShutdownTimeout = configuration.ShutdownTimeout);
        // Thousands of proxies may come back in the same moment; what does not fit is dropped by the kernel, and comes seconds later.
        services.Configure<SocketTransportOptions>(sockets => sockets.Backlog = ConnectBacklog);
        services.AddRouting();
        services.AddSingleton(configuration).AddSingleton(data).AddSingleton(TimeProvider.System).AddSingleton(instance);
        services.AddSingleton(store.Events).AddSingleton(store.Keys).AddSingleton(store.Leases).AddSingleton(store.Availability).AddSingleton<ISecretVault>(vault);
        services.AddSingleton(listeners).AddSingleton(tokenKeys).AddSingleton<AdminToken>().AddSingleton<Readiness>().AddSingleton<ServerFailure>().AddSingleton<Banner>();
        services.AddSingleton(_ => metrics).AddSingleton<MeshMetrics>();
        services.AddMeshGrains(instance.Silo, new GrainOptions
        {
            GracePeriod = configuration.Proxies.GracePeriod,
            RestartGracePeriod = configuration.Proxies.RestartGracePeriod,
            SharesLog = configuration.Store.Address is PostgresAddress,
            RotationTimeLimit = configuration.Authorities.RotationTimeLimit,
            RotationSettling = configuration.Authorities.RotationSettling,
            ObserverExpiry = GrainHosting.ObserverExpiry,
        });
        builder.AddGrainHost(configuration);
        services.AddSingleton<ResourceIndex>().AddSingleton<IndexSnapshot>().AddSingleton<DeletedMeshes>().AddHostedService<IndexFollower>().AddHostedService<SiloPresence>();
        services.AddXdsGateway(new XdsGatewayOptions
        {
            ServerAuthorityPem = tls.AuthorityPem,
            PublicAddresses = configuration.DpServer.PublicAddresses,
            TokenKeys = tokenKeys.OfDataplanes,
        });
        services.AddSingleton<ProvidedAuthorities>().AddSingleton<ProvidedFiles>().AddSingleton<AuthorityHealthBoard>();
        services.AddRestApi();
        services.AddHostedService<IndexKeeper>().AddHostedService<Reconciler>().AddHostedService<AuthorityKeeper>().AddHostedService<QuietCompaction>().AddHostedService<ServerStart>();
    }
}
