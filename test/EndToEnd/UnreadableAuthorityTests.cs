using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>An authority whose key cannot be read signs nothing. Traffic goes on until certificates end, denials arrive, and it is said.</summary>
[Trait("Category", "Slow")]
public sealed class UnreadableAuthorityTests : IAsyncLifetime
{
    private TwoServices _services = null!;

    public async Task InitializeAsync() => _services = await TwoServices.StartAsync();

    public async Task DisposeAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_denial_is_enforced_within_a_second_and_what_is_permitted_goes_on_under_the_certificates_that_there_are()
    {
        await _services.PermitAsync();
        await Eventually.BecomesTrue("backend answers", async () => (await _services.ToBackend.GetAsync("/")).StatusCode == HttpStatusCode.OK);
        await _services.Server.StopAsync();
        SpoilTheAuthoritysKey();
        await _services.Server.RestartAsync();
        await using var load = SteadyLoad.Start(_services.ToBackend);

        // Certificates of a day are to be replaced by shorter ones, and cannot be. It is said long before one ends.
        await _services.Server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default", certificateLifetime: "1h"));
        JsonNode? failure = null;
        await Eventually.BecomesTrue("that nobody signs is said", async () =>
            (failure = (await _services.Server.GetAsync("/mesh-insights/default"))["mTLS"]!["issuanceFailures"]?["ca-1"]) is not null);
        Assert.Contains("cannot be had", failure!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(DateTimeOffset.Parse(failure["firstExpiration"]!.GetValue<string>(), null) > DateTimeOffset.UtcNow, "only after the first certificate ended");
        await load.GoesOnFor(20);
        Assert.All(load.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));

        await _services.WithdrawAsync();
        var acknowledged = Stopwatch.GetTimestamp();
        await load.GoesOnFor(100);
        await load.StopAsync();
        var later = load.Answers.Where(a => Stopwatch.GetElapsedTime(acknowledged, a.SentAt) > TimeSpan.FromSeconds(1)).ToList();
        Assert.NotEmpty(later);
        Assert.All(later, a => Assert.Equal(HttpStatusCode.Forbidden, a.Status));
    }

    [SkippableFact]
    public async Task Each_new_connection_is_made_until_the_certificates_end_and_none_after()
    {
        var server = _services.Server;
        await server.ApplyAsync("/meshes/short", Resources.MeshWithMtls("short", certificateLifetime: "40s"));
        await server.ApplyAsync(Resources.PermissionPath("to-store", "short"), Resources.Permission("to-store", "shop", "store", "short"));
        await using var echo = await EchoService.StartAsync("store-1");

        // A service of TCP, and a connection for each request: each needs a handshake between the two Envoys.
        await using var store = await Sidecar.StartAsync(server, new SidecarSpec("store-1", "store", echo.Port, "tcp", "short"));
        await using var shop = await Sidecar.StartAsync(server, new SidecarSpec("shop-1", "shop", 9, Mesh: "short").Calling("store"));
        using var toStore = new HttpClient { BaseAddress = shop.Spec.To("store") };
        toStore.DefaultRequestHeaders.ConnectionClose = true;
        await Eventually.BecomesTrue("store answers", async () => (await toStore.GetAsync("/")).StatusCode == HttpStatusCode.OK);
        await server.StopAsync();
        SpoilTheAuthoritysKey("short");
        await server.RestartAsync();
        await using var load = SteadyLoad.Start(toStore, perSecond: 25);
        var ends = new List<DateTimeOffset>();
        foreach (var proxy in (string[])["store-1", "shop-1"])
            ends.Add(DateTimeOffset.Parse((string)(await server.GetAsync($"/meshes/short/dataplanes/{proxy}/_inspect"))["certificate"]!["notAfter"]!, CultureInfo.InvariantCulture));

        var (clock, read) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        DateTimeOffset SentAt(SteadyLoad.Answer answer) => read + Stopwatch.GetElapsedTime(clock, answer.SentAt);
        Assert.True(ends.Min() > read, "the certificates ended before it was begun");
        await Task.Delay(ends.Max() - read + TimeSpan.FromSeconds(2));
        await load.GoesOnFor(25);
        await load.StopAsync();

        var before = load.Answers.Where(a => SentAt(a) < ends.Min().AddSeconds(-1)).ToList();
        var after = load.Answers.Where(a => SentAt(a) > ends.Max().AddSeconds(1)).ToList();
        Assert.NotEmpty(before);
        Assert.NotEmpty(after);
        Assert.All(before, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));
        Assert.All(after, a => Assert.Null(a.Status));
    }

    /// <summary>Overwrites the data key of the authority's private key, as a disk may that was restored from somewhere else.</summary>
    private void SpoilTheAuthoritysKey(string mesh = "default")
    {
        using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_services.Server.Data, "events.db"), Pooling = false }.ToString());
        database.Open();
        using var find = database.CreateCommand();
        find.CommandText = "SELECT data FROM events WHERE stream = $stream AND type = 'authority.created'";
        find.Parameters.AddWithValue("$stream", $"ca/{mesh}/ca-1");
        var created = JsonNode.Parse(Encoding.UTF8.GetString((byte[])find.ExecuteScalar()!))!;
        using var spoil = database.CreateCommand();
        spoil.CommandText = "UPDATE data_keys SET wrapped = $wrapped WHERE id = $id";
        spoil.Parameters.AddWithValue("$id", created["privateKey"]!["keyId"]!.GetValue<string>());
        spoil.Parameters.AddWithValue("$wrapped", RandomNumberGenerator.GetBytes(60));
        Assert.Equal(1, spoil.ExecuteNonQuery());
    }
}
