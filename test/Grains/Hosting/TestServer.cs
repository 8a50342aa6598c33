using OrleansMesh.Domain.Events;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>The grains over an embedded silo and a store of their own, which can be stopped and started again; or over several silos that share the store.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orleansmesh-grains-").FullName;
    private readonly List<TestSilo> _silos = [];
    private readonly GrainOptions _options;
    private SqliteEventStore? _sqlite;
    private KeyEncryptionKey? _kek;
    private int _started;

    private TestServer(GrainOptions options) => _options = options;

    public ManualTime Time { get; } = new();

    public FaultyStore Store { get; private set; } = null!;

    public FaultyVault Vault { get; private set; } = null!;

    /// <summary>Tells the silos which of them are alive.</summary>
    public LocalLeases Leases { get; } = new();

    public IGrainFactory Grains => _silos[0].Grains;

    public int ActiveGrains => _silos[0].ActiveGrains;

    public static async Task<TestServer> StartAsync(GrainOptions? options = null)
    {
        var server = new TestServer(options ?? new GrainOptions());
        await server.StartAgainAsync();
        return server;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Stops the grains and starts them anew; the store stays open.</summary>
    public async Task RestartSiloAsync()
    {
        await _silos[0].DisposeAsync();
        _silos[0] = StartSilo();
    }

    /// <summary>Starts one more silo on the same store.</summary>
    public IGrainFactory AddSilo()
    {
        _silos.Add(StartSilo());
        return _silos[^1].Grains;
    }

    /// <summary>Starts one more silo on the same store, which can be stopped apart.</summary>
    public TestSilo AddOwnSilo()
    {
        _silos.Add(StartSilo());
        return _silos[^1];
    }

    /// <summary>The events of a stream.</summary>
    public async Task<List<object>> EventsAsync(string stream)
    {
        List<object> events = [];
        await foreach (var recorded in Store.ReadStreamAsync(stream))
            events.Add(EventCodec.Decode(recorded.Type, recorded.Data.Span));
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartAgainAsync()
    {
        _sqlite = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = _directory });
        _kek = await KeyEncryptionKey.OpenAsync(Path.Combine(_directory, "kek"), _sqlite);
        Store = new FaultyStore(_sqlite);
        Vault = new FaultyVault(new SecretVault(_kek, _sqlite));
        _silos.Add(StartSilo());
    }

    private TestSilo StartSilo() => TestSilo.Start($"silo-{++_started}", this, _options);

    private async Task StopAsync()
    {
        foreach (var silo in _silos)
            await silo.DisposeAsync();
        _silos.Clear();
        await _sqlite!.DisposeAsync();
        _kek!.Dispose();
    }
}
