using System.Diagnostics;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>Waits for what becomes so after a while.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        for (var waited = Stopwatch.StartNew(); !await condition(); await Task.Delay(10))
            Assert.True(waited.Elapsed < Limit, $"not so within {Limit}: {what}");
    }
}
