using Microsoft.Extensions.DependencyInjection;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.Grains.EventSourcing;
using OrleansMesh.Grains.Silos;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>One silo of a <see cref="TestServer"/>. Where the log is shared it follows that, and says that it is alive.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly GrainHost _host;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private long _followed;

    private TestSilo(string name, TestServer server, GrainOptions options)
    {
        Name = name;
        ActiveStreams? streams = null;
        LivingSilos? living = null;
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(server.Time)
            .AddSingleton<IEventStore>(server.Store)
            .AddSingleton<ILeases>(server.Leases)
            .AddSingleton<ISecretVault>(server.Vault)
            .AddMeshGrains(name, options);
        using (var provider = services.BuildServiceProvider())
            (streams, living) = (provider.GetRequiredService<ActiveStreams>(), provider.GetRequiredService<LivingSilos>());
        services.AddSingleton(streams).AddSingleton(living);
        _host = GrainHost.Start(services);
        _running = options.SharesLog ? Task.WhenAll(FollowAsync(server.Store, streams), living.HoldAsync(_stop.Token)) : Task.CompletedTask;
        Streams = streams;
    }

    public string Name { get; }

    public IGrainFactory Grains => _host.Grains;

    public int ActiveGrains => _host.ActiveGrains;

    public ActiveStreams Streams { get; }

    /// <summary>The position up to which it has followed the log.</summary>
    public long Followed => Volatile.Read(ref _followed);

    public static TestSilo Start(string name, TestServer server, GrainOptions options) => new(name, server, options);

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        await _running;
        await _host.DisposeAsync();
    }

    private async Task FollowAsync(FaultyStore store, ActiveStreams streams)
    {
        try
        {
            await foreach (var recorded in store.FollowAsync(0, _stop.Token))
            {
                streams.Committed(recorded);
                Volatile.Write(ref _followed, recorded.Position);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }
}
