using System.Diagnostics;
using System.Security.Cryptography;
using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.EventStore.Tests.Sqlite;

/// <summary>A writing process is killed, or its disk fails, at any moment: what it acknowledged is there.</summary>
[Trait("Category", "Slow")]
public sealed class CrashTests : IDisposable
{
    private const int Kills = 50;
    private const int Writers = 6;

    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<long, string> _acknowledged = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_acknowledged_event_outlives_SIGKILL_at_50_random_moments()
    {
        var random = new Random();
        var killedWhileWriting = 0;
        for (var kill = 1; kill <= Kills; kill++)
        {
            using var writer = new CrashWriterProcess(_directory.Path, Writers);
            if (kill % 5 != 0)
                await writer.WaitForAsync(0, static line => line.StartsWith("ack ", StringComparison.Ordinal));
            // Every fifth is killed while it starts: runtime, recovery of the write-ahead log, verification.
            await Task.Delay(random.Next(0, kill % 5 != 0 ? 150 : 400));
            await writer.KillAsync();
            Acknowledge(writer.Lines);
            killedWhileWriting += writer.Lines.Count > 1 ? 1 : 0;
            await VerifyAsync();
        }

        Assert.True(killedWhileWriting >= Kills * 4 / 5);
    }

    [SkippableFact]
    public async Task A_full_disk_refuses_appends_and_the_store_recovers_by_itself()
    {
        const string Limiter = "/usr/bin/prlimit";
        Skip.IfNot(File.Exists(Limiter), "needs prlimit of util-linux");
        using var writer = new CrashWriterProcess(_directory.Path, Writers, ignoreFileSizeSignal: true);
        for (var round = 0; round < 3; round++)
        {
            await writer.WaitForAsync(writer.Lines.Count, static line => line.StartsWith("ack ", StringComparison.Ordinal));
            // No file of the process may grow beyond what the largest has already: the write fails with EFBIG as on a full disk.
            await LimitAsync(new FileInfo(_directory.File("events.db-wal")).Length.ToString());
            await writer.WaitForAsync(writer.Lines.Count, static line => line.StartsWith("unavailable ", StringComparison.Ordinal));
            await LimitAsync("unlimited");
            await writer.WaitForAsync(writer.Lines.Count, static line => line.StartsWith("ack ", StringComparison.Ordinal));
        }

        await writer.KillAsync();
        Acknowledge(writer.Lines);
        await VerifyAsync();

        async Task LimitAsync(string bytes)
        {
            using var limiter = Process.Start(Limiter, ["--pid", $"{writer.Id}", $"--fsize={bytes}:unlimited"]);
            await limiter.WaitForExitAsync();
            Assert.Equal(0, limiter.ExitCode);
        }
    }

    private void Acknowledge(List<string> lines)
    {
        foreach (var line in lines)
        {
            if (line.Split(' ') is ["ack", var stream, var version, var position, var hash])
                _acknowledged.Add(long.Parse(position), $"{stream} {version} {hash}");
        }
    }

    private async Task VerifyAsync()
    {
        await using (var store = await SqliteEventStore.OpenAsync(new() { Directory = _directory.Path }))
        {
            var found = 0;
            var expected = 0L;
            await foreach (var e in store.ReadAllAsync())
            {
                Assert.Equal(++expected, e.Position);
                if (!_acknowledged.TryGetValue(e.Position, out var acknowledged))
                    continue;
                Assert.Equal(acknowledged, $"{e.Stream} {e.Version} {Convert.ToHexString(SHA256.HashData(e.Data.Span))}");
                found++;
            }

            Assert.Equal(_acknowledged.Count, found);
            foreach (var stream in (await store.ListStreamsAsync("pair/").ListAsync()))
                Assert.Equal(stream.Version, (await store.ReadStreamAsync(stream.Name).ListAsync()).Count);
        }

        Assert.Equal(["ok"], RawDatabase.Execute(_directory.File("events.db"), "PRAGMA integrity_check"));
    }
}
