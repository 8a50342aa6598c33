using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.History;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Silo.Tests.Upgrade;

/// <summary>A log that the first version wrote, with real proxies connected to it, read by the code of today.</summary>
public sealed class FirstLogTests
{
    private const int Events = 53;

    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Upgrade", "first-log");

    [Fact]
    public async Task It_is_proved_and_every_event_can_be_read()
    {
        var folder = Directory.CreateTempSubdirectory("orleansmesh-first-").FullName;
        try
        {
            CopyTo(folder);
            var report = await SqliteLogProof.RunAsync(
                new SqliteEventStoreOptions { Directory = folder }, e => EventCodec.Decode(e.Type, e.Data.Span));
            Assert.Equal((Events, (long?)Events), (report.Content.Events, report.Witnessed));
            Assert.Empty(report.Warnings);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_server_starts_on_it_and_answers_as_the_first_one_did()
    {
        var server = await TestServer.StartOnAsync(CopyTo);
        await using var stopping = new Stopping(server);
        foreach (var list in new[] { "meshes", "dataplanes", "traffic-permissions", "service-insights" })
        {
            var before = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Golden, $"{list}.json")))!;
            AssertContains((await server.GetAsync($"/{list}")).Json, before, list);
        }
    }

    [Fact]
    public async Task Every_grain_folds_its_stream_and_the_old_keys_still_sign()
    {
        var server = await TestServer.StartOnAsync(CopyTo);
        await using var stopping = new Stopping(server);
        var grains = server.Server.Services.GetRequiredService<IGrainFactory>();
        var store = server.Server.Services.GetRequiredService<IEventStore>();
        var streams = new List<string>();
        await foreach (var stream in store.ListStreamsAsync())
        {
            streams.Add(stream.Name);
            var (kind, key) = (stream.Name.Split('/', 2)[0], stream.Name.Split('/', 2)[1]);
            switch (kind)
            {
                case "mesh":
                    await grains.GetGrain<IMeshGrain>(key).GetTokenRules();
                    break;
                case "proxy":
                    await grains.GetGrain<IProxyGrain>(key).GetDataplane();
                    break;
                case "service":
                    await grains.GetGrain<IServiceGrain>(key).SetEndpoints("nobody", [], Caller.System);
                    break;
                case "ca":
                    using (var workload = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    {
                        var issued = await grains.GetGrain<ICertificateAuthorityGrain>(key).Issue(
                            new(ValueList.Create<byte>(workload.ExportSubjectPublicKeyInfo()), ["spiffe://default/web"], TimeSpan.FromHours(1)));
                        Assert.Contains("BEGIN CERTIFICATE", issued.ChainPem, StringComparison.Ordinal);
                    }

                    break;
                default:
                    Assert.Fail($"no grain is known for stream {stream.Name}");
                    break;
            }
        }

        Assert.Superset(new HashSet<string>(["ca/default/ca-1", "mesh/default", "mesh/gone", "mesh/shop", "proxy/default/db-1", "service/default/backend"]), streams.ToHashSet());
        Assert.Equal(200, (await server.PostAsync("/tokens/dataplane", """{"mesh":"default","name":"web-1","validFor":"1h"}""")).Status);
    }

    [Fact]
    public async Task Its_history_is_told()
    {
        var server = await TestServer.StartOnAsync(CopyTo);
        await using var stopping = new Stopping(server);
        var narrowed = (await server.GetAsync("/meshes/default/traffic-permissions/anyone-to-db/_history")).Items[0]!;
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""[{"field":"sources[0].match[\"kuma.io/service\"]","before":"*","after":"backend"}]"""), narrowed["changes"]));
        var store = server.Server.Services.GetRequiredService<IEventStore>();
        foreach (var kind in HistorySubjects.All)
        {
            await foreach (var stream in store.ListStreamsAsync(kind.StreamOf("default", "")))
            {
                var history = kind.Start(stream.Name.Split('/')[^1]);
                await foreach (var recorded in store.ReadStreamAsync(stream.Name))
                {
                    (history, var change) = history.After(EventCodec.Decode(recorded.Type, recorded.Data.Span));
                    Assert.NotEqual("", change?.Description);
                    _ = change?.Fields();
                }
            }
        }
    }

    private static void CopyTo(string folder)
    {
        foreach (var name in new[] { "events.db", "events.witness", "key-encryption.key" })
        {
            var copy = Path.Combine(folder, name);
            File.Copy(Path.Combine(Golden, name), copy);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>What was there is there, as it was; more may be beside it.</summary>
    private static void AssertContains(JsonNode? now, JsonNode? before, string path)
    {
        switch (before)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                    AssertContains(Assert.IsType<JsonObject>(now)[name], value, $"{path}.{name}");
                break;
            case JsonArray items:
                Assert.Equal(items.Count, Assert.IsType<JsonArray>(now).Count);
                for (var i = 0; i < items.Count; i++)
                    AssertContains(now![i], items[i], $"{path}[{i}]");
                break;
            default:
                Assert.True(JsonNode.DeepEquals(now, before), $"{path}: {now} is not {before}");
                break;
        }
    }

    private sealed class Stopping(TestServer server) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await server.DisposeAsync();
    }
}
