using System.Collections.Concurrent;
using Google.Protobuf;

namespace OrleansMesh.Translation.Tests;

/// <summary>The real Envoy takes every message of every case: <c>envoy --mode validate</c>, in binary form, so it reads the very bytes.</summary>
[Trait("Category", "Slow")]
public class EnvoyAcceptanceTests
{
    [SkippableFact]
    public async Task Envoy_accepts_every_case()
    {
        EnvoyBinary.SkipWithout();
        var refused = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(GoldenFolder.Cases, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (name, _) =>
        {
            if (await RefusalOfAsync(ValidationBootstrap.Of(GoldenCase.Read(name))) is { } reason)
                refused.Add($"{name}: {reason}");
        });
        Assert.Empty(refused);
    }

    [SkippableFact]
    public async Task Envoy_refuses_a_message_that_is_wrong()
    {
        EnvoyBinary.SkipWithout();
        var bootstrap = ValidationBootstrap.Of(GoldenCase.Read("permissions/any-value-of-a-tag"));
        var permission = bootstrap.StaticResources.Listeners[^1];
        permission.FilterChains[0].Filters.Clear();
        permission.FilterChains[0].Filters.Add(new global::Envoy.Config.Listener.V3.Filter { Name = "no such filter" });
        Assert.Contains("no such filter", await RefusalOfAsync(bootstrap), StringComparison.Ordinal);
    }

    private static async Task<string?> RefusalOfAsync(global::Envoy.Config.Bootstrap.V3.Bootstrap bootstrap)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.pb");
        try
        {
            await File.WriteAllBytesAsync(file, bootstrap.ToByteArray());
            var (accepted, output) = await EnvoyBinary.ValidateAsync(file);
            return accepted ? null : output;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
