using System.Security.Cryptography;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>Several servers that share one PostgreSQL log and a key-encryption key, and whose bootstraps name them all.</summary>
internal sealed class SiloFleet : IAsyncDisposable
{
    private SiloFleet(PostgresServer postgres, PostgresAddress log, IReadOnlyList<ServerProcess> silos, TcpRelay? relay)
        => (Postgres, Log, Silos, Relay) = (postgres, log, silos, relay);

    public PostgresServer Postgres { get; }

    public PostgresAddress Log { get; }

    public IReadOnlyList<ServerProcess> Silos { get; }

    /// <summary>Stands between the first server and the database, where that was asked for.</summary>
    public TcpRelay? Relay { get; }

    /// <param name="program">What the servers run, where that is not the program of the checkout.</param>
    public static async Task<SiloFleet> StartAsync(int count, bool relayed = false, string? program = null, params string[] flags)
    {
        var postgres = new PostgresServer();
        await postgres.InitializeAsync();
        var log = await postgres.CreateDatabaseAsync();
        var relay = relayed ? new TcpRelay(postgres.Port) : null;
        var silos = Enumerable.Range(0, count).Select(_ => ServerProcess.NotStarted()).ToList();
        var addresses = string.Join(',', silos.Select(s => $"127.0.0.1:{s.DpServerPort}"));
        var key = RandomNumberGenerator.GetBytes(32);
        for (var i = 0; i < silos.Count; i++)
        {
            var file = Path.Combine(silos[i].Data, "key-encryption.key");
            await File.WriteAllBytesAsync(file, key);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var store = i == 0 && relay is not null ? log with { Port = relay.Port } : log;
            silos[i].Program = program ?? silos[i].Program;
            silos[i].Flags = ["--store", $"{store}", "--dp-server-public-addresses", addresses, .. flags];
        }

        var fleet = new SiloFleet(postgres, log, silos, relay);
        try
        {
            // At once, as a fleet is rolled out: who makes what there is to be made once is left to them.
            await Task.WhenAll(silos.Select(silo => silo.RestartAsync()));
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>The whole log, proved, from the first position to the last.</summary>
    public async Task<List<RecordedEvent>> EventsAsync()
    {
        await using var store = await OpenedStore.OpenAsync(Log, new OpeningOptions(), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var events = new List<RecordedEvent>();
        await foreach (var recorded in store.Events.ReadAllAsync())
            events.Add(recorded);
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos)
            await silo.DisposeAsync();
        if (Relay is not null)
            await Relay.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
