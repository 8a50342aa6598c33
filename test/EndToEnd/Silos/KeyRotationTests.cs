using System.Globalization;
using System.Security.Cryptography;
using OrleansMesh.EndToEnd.Tests.Harness;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.EndToEnd.Tests.Silos;

/// <summary>The key-encryption key of two servers on one log is replaced while both are used, and the one that does it is killed.</summary>
[Trait("Category", "Slow")]
public sealed class KeyRotationTests
{
    private const int Secrets = 40;

    [SkippableFact]
    public async Task Two_servers_change_their_key_under_load_and_the_one_that_does_it_is_killed_in_the_midst_of_it()
    {
        PostgresServer.Require();
        await using var fleet = await SiloFleet.StartAsync(2);
        var (rotating, other) = (fleet.Silos[0], fleet.Silos[1]);
        await rotating.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await SignsAsync(fleet);
        await using var load = await SecretsUnderLoad.StartAsync(fleet.Silos, Secrets);
        var old = Assert.Single(await fleet.Postgres.ExecuteAsync(fleet.Log.Database, "SELECT DISTINCT kek_id FROM orleansmesh.data_keys"));
        var next = RandomNumberGenerator.GetBytes(32);
        foreach (var silo in fleet.Silos)
            WriteKey(KeyOf(silo) + ".next", next);

        // After the first data key, in the midst of them, and where the next key is about to take the place of the old one.
        foreach (var left in new[] { 0.99, 0.5, 0 })
        {
            load.MayFail(0);
            var asked = Meshctl.RunAsync(rotating, "kek", "rotate", "--everywhere");
            await Eventually.BecomesTrue("data keys are wrapped anew", async () => asked.IsCompleted || await ShareUnderAsync(fleet, old) <= left);
            await rotating.KillAsync();
            await Record.ExceptionAsync(() => asked);
            if (left > 0)
                Assert.InRange(await ShareUnderAsync(fleet, old), double.Epsilon, left);
            await rotating.RestartAsync();
            load.MayFail(null);
            await SignsAsync(fleet);
        }

        // The other one goes on with what was begun, whatever the one that was killed had done of it.
        var printed = await Meshctl.RunAsync(other, "kek", "rotate", "--everywhere");
        Assert.Contains("restart every other server", printed, StringComparison.Ordinal);
        Assert.Equal(0, await ShareUnderAsync(fleet, old));
        await load.StopAsync();
        await load.HoldsAsync();
        foreach (var silo in fleet.Silos)
        {
            Assert.Equal(0, await silo.StopAsync());
            await silo.RestartAsync();
            Assert.Equal(next, await File.ReadAllBytesAsync(KeyOf(silo)));
            Assert.False(File.Exists(KeyOf(silo) + ".next"));
        }

        await SignsAsync(fleet);
        await load.HoldsAsync();
        Assert.Single(await fleet.Postgres.ExecuteAsync(fleet.Log.Database, "SELECT DISTINCT kek_id FROM orleansmesh.data_keys WHERE wrapped <> decode(repeat('00', length(wrapped)), 'hex')"));
    }

    private static string KeyOf(ServerProcess silo) => Path.Combine(silo.Data, "key-encryption.key");

    private static void WriteKey(string path, byte[] key)
    {
        File.WriteAllBytes(path, key);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>How many of the data keys that there are this key wraps: 1 is all.</summary>
    private static async Task<double> ShareUnderAsync(SiloFleet fleet, string kek)
        => double.Parse(
            Assert.Single(await fleet.Postgres.ExecuteAsync(
                fleet.Log.Database, $"SELECT avg((kek_id = '{kek}')::int)::float8 FROM orleansmesh.data_keys WHERE wrapped <> decode(repeat('00', length(wrapped)), 'hex')")),
            CultureInfo.InvariantCulture);

    /// <summary>Authorities and tokens are of use on each: their keys are read.</summary>
    private static async Task SignsAsync(SiloFleet fleet)
    {
        foreach (var silo in fleet.Silos)
        {
            await Eventually.BecomesTrue(
                "the authority signs",
                async () => (await silo.GetAsync("/meshes/default/authorities"))["authorities"]!.AsArray().Any(a => (string?)a!["use"] == "signing" && (bool)a["canSign"]!),
                explain: () => silo.Log);
            Assert.Equal(3, (await silo.TokenAsync("web-1")).Split('.').Length);
        }
    }
}
