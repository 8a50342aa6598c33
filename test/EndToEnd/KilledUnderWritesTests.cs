using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Data.Sqlite;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>Acknowledged means durable: the server is killed at fifty random moments of a write load, and every write that it acknowledged is there.</summary>
[Trait("Category", "Slow")]
public sealed class KilledUnderWritesTests
{
    private const int Kills = 50;

    [Fact]
    public async Task Every_acknowledged_write_survives_fifty_kills()
    {
        await using var server = await ServerProcess.StartAsync();
        var acknowledged = new ConcurrentDictionary<string, int>();
        var moments = new Random(20_261_123);
        for (var kill = 1; kill <= Kills; kill++)
        {
            using var stop = new CancellationTokenSource();
            var underWay = new TaskCompletionSource();
            var writers = Enumerable.Range(0, 8).Select(writer => WriteAsync(server, writer, kill, acknowledged, underWay, stop.Token)).ToArray();

            // A server that has just started takes a while for its first write.
            await underWay.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await Task.Delay(moments.Next(5, 250));
            await server.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(writers);

            Assert.Equal("ok", Integrity(server.Data));
            await server.RestartAsync();
            await HoldsAsync(server, acknowledged);
        }

        Assert.True(acknowledged.Count > Kills, $"only {acknowledged.Count} writes were acknowledged in all");
    }

    /// <summary>Applies permissions, each again and again with a number that grows; remembers the last number of each that was acknowledged.</summary>
    private static async Task WriteAsync(ServerProcess server, int writer, int kill, ConcurrentDictionary<string, int> acknowledged, TaskCompletionSource underWay, CancellationToken stop)
    {
        for (var round = 1; !stop.IsCancellationRequested; round++)
        {
            var name = $"p-{kill}-{writer}-{round % 5}";
            var document = Resources.Permission(name, $"source-{round}", "backend");
            try
            {
                using var content = new StringContent(document, Encoding.UTF8, "application/yaml");
                using var response = await server.Api.PutAsync(Resources.PermissionPath(name), content, stop);
                if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created)
                {
                    acknowledged[name] = round;
                    underWay.TrySetResult();
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // Not acknowledged: it may be there or not.
            }
        }
    }

    private static async Task HoldsAsync(ServerProcess server, ConcurrentDictionary<string, int> acknowledged)
    {
        var stored = new Dictionary<string, int>();
        for (string? next = "/traffic-permissions?size=1000"; next is not null;)
        {
            var page = await server.GetAsync(next);
            foreach (var item in page["items"]!.AsArray())
                stored[item!["name"]!.GetValue<string>()] = int.Parse(item["sources"]![0]!["match"]!["kuma.io/service"]!.GetValue<string>()["source-".Length..]);
            next = page["next"] is { } link ? new Uri(link.GetValue<string>(), UriKind.RelativeOrAbsolute).ToString() : null;
        }

        // The write that was under way when the server died may be there as well, though nobody was told so.
        var lost = acknowledged.Where(a => stored.GetValueOrDefault(a.Key) < a.Value).Select(a => $"{a.Key}: {a.Value}, stored {stored.GetValueOrDefault(a.Key)}");
        Assert.Empty(lost);
    }

    private static string Integrity(string data)
    {
        // A copy, so that looking changes nothing of what the server will find.
        var copy = Directory.CreateTempSubdirectory("orleansmesh-integrity-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(data, "events.db*"))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            using var connection = new SqliteConnection($"Data Source={Path.Combine(copy, "events.db")};Pooling=False");
            connection.Open();
            using var check = connection.CreateCommand();
            check.CommandText = "PRAGMA integrity_check";
            return (string)check.ExecuteScalar()!;
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }
}
