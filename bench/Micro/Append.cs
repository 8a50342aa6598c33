using System.Text;
using BenchmarkDotNet.Attributes;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.Micro;

/// <summary>Appends of one event of some 300 bytes, each acknowledged when it is durable; the disk of the folder for temporary files has its say.</summary>
[MemoryDiagnoser]
public class Append
{
    private const int Together = 64;

    private static readonly byte[] Data = Encoding.UTF8.GetBytes($"{{\"type\":\"Dataplane\",\"spec\":\"{new string('x', 270)}\"}}");

    private readonly string _directory = Directory.CreateTempSubdirectory("orleansmesh-micro-").FullName;
    private readonly long[] _versions = new long[Together];
    private SqliteEventStore _store = null!;

    /// <summary>Waits: in this process BenchmarkDotNet does not await it.</summary>
    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup() => CleanupAsync().GetAwaiter().GetResult();

    private async Task SetupAsync() => _store = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = _directory });

    private async Task CleanupAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public Task One() => AppendAsync(0);

    /// <summary>By 64 writers at once, which share a commit; the time is that of one.</summary>
    [Benchmark(OperationsPerInvoke = Together)]
    public Task Shared() => Task.WhenAll(Enumerable.Range(0, Together).Select(AppendAsync));

    private Task AppendAsync(int writer) => _store.AppendAsync(
        [new StreamAppend($"writer/{writer}", _versions[writer]++, [new NewEvent("Appended", Data, new EventContext("system", DateTimeOffset.UtcNow))])]);
}
