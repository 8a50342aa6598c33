using OrleansMesh.EndToEnd.Tests.Harness;
using OrleansMesh.EventStore.Tests.Postgres;
using Xunit.Abstractions;

namespace OrleansMesh.EndToEnd.Tests.Silos;

/// <summary>Servers of this version beside servers of the one before, on one log, under load.</summary>
[Trait("Category", "Slow")]
public sealed class RollingUpgradeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Beside = TimeSpan.FromSeconds(3);

    [SkippableFact]
    public async Task Servers_are_upgraded_one_after_another_and_one_goes_back()
    {
        PostgresServer.Require();
        Checkout.Envoy();
        using var previous = await PreviousBuild.MakeAsync();
        await using var under = await FleetUnderLoad.StartAsync(previous.ServerDll);
        await Task.Delay(Beside);
        foreach (var silo in under.Fleet.Silos)
            await ReplaceAsync(silo, Checkout.ServerDll);
        await ReplaceAsync(under.Fleet.Silos[1], previous.ServerDll);

        // In the end all are of one version, so that what a proxy holds can be held against what any of them gives.
        await ReplaceAsync(under.Fleet.Silos[1], Checkout.ServerDll);
        await under.HoldsAsync();
        output.WriteLine($"from {previous.Commit} and back: {under.Summary}");
    }

    private static async Task ReplaceAsync(ServerProcess silo, string program)
    {
        Assert.Equal(0, await silo.StopAsync());
        silo.Program = program;
        await silo.RestartAsync();
        await Task.Delay(Beside);
    }
}
