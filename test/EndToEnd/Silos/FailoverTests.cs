using System.Diagnostics;
using System.Globalization;
using System.Net;
using OrleansMesh.EndToEnd.Tests.Harness;
using OrleansMesh.EventStore.Tests.Postgres;
using Xunit.Abstractions;

namespace OrleansMesh.EndToEnd.Tests.Silos;

/// <summary>Servers and their database fail; traffic, enforcement and acknowledged writes do not.</summary>
/// <remarks><c>ORLEANSMESH_FAILOVER_SECONDS=120</c> has servers killed for two minutes instead of twenty seconds.</remarks>
[Trait("Category", "Slow")]
public sealed class FailoverTests(ITestOutputHelper output)
{
    private static readonly TimeSpan BetweenKills = TimeSpan.FromSeconds(5);

    private static TimeSpan Duration => TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("ORLEANSMESH_FAILOVER_SECONDS") is { Length: > 0 } seconds ? int.Parse(seconds, CultureInfo.InvariantCulture) : 20);

    [SkippableFact]
    public async Task Any_server_may_be_killed_at_any_moment()
    {
        PostgresServer.Require();
        Checkout.Envoy();
        await using var under = await FleetUnderLoad.StartAsync();
        var random = new Random(5);
        var kills = 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Duration; kills++)
        {
            var next = Task.Delay(BetweenKills);
            var silo = under.Fleet.Silos[random.Next(under.Fleet.Silos.Count)];
            await silo.KillAsync();
            await silo.RestartAsync();
            await next;
        }

        await under.HoldsAsync();
        output.WriteLine($"{kills} kills; {under.Summary}");
    }

    [SkippableFact]
    public async Task The_database_may_be_killed_and_be_away_for_twenty_seconds()
    {
        PostgresServer.Require();
        Checkout.Envoy();
        await using var under = await FleetUnderLoad.StartAsync();
        await Task.Delay(TimeSpan.FromSeconds(2));
        await under.Fleet.Postgres.KillAsync();
        await under.Fleet.Postgres.StartAsync();
        await AreReadyAsync(under.Fleet);
        await under.Fleet.Postgres.KillAsync();
        var away = Task.Delay(TimeSpan.FromSeconds(20));
        await Eventually.BecomesTrue("each server says that it is not ready", async () =>
        {
            foreach (var silo in under.Fleet.Silos)
            {
                if ((await silo.Diagnostics.GetAsync("/ready")).StatusCode != HttpStatusCode.ServiceUnavailable)
                    return false;
            }

            return true;
        });
        using var refused = await under.Fleet.Silos[0].Api.DeleteAsync(Resources.PermissionPath("to-simulated"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotEmpty((await under.Fleet.Silos[0].GetAsync("/dataplanes"))["items"]!.AsArray());
        await away;
        await under.Fleet.Postgres.StartAsync();
        await AreReadyAsync(under.Fleet);
        await Task.Delay(TimeSpan.FromSeconds(2));

        await under.HoldsAsync();
        output.WriteLine(under.Summary);
    }

    private static async Task AreReadyAsync(SiloFleet fleet)
    {
        foreach (var silo in fleet.Silos)
            await Eventually.BecomesTrue("a server is ready again", async () => (await silo.Diagnostics.GetAsync("/ready")).IsSuccessStatusCode, explain: () => silo.Log);
    }
}
