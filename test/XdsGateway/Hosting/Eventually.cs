using System.Diagnostics;

namespace OrleansMesh.XdsGateway.Tests.Hosting;

/// <summary>Waits for what becomes so after a while.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<bool> condition, string what)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); await Task.Delay(5))
            Assert.True(waited.Elapsed < Limit, $"not so within {Limit}: {what}");
    }
}
