using System.Diagnostics;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>Waits for a condition instead of for a time.</summary>
internal static class Eventually
{
    /// <summary>Far longer than anything takes on an idle machine: a limit for what never comes, not a measure of speed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks until the answer is true. A failure to ask counts as no.</summary>
    public static async Task BecomesTrue(string what, Func<Task<bool>> ask, TimeSpan? patience = null, Func<string>? explain = null)
    {
        var clock = Stopwatch.StartNew();
        Exception? last = null;
        while (clock.Elapsed < (patience ?? Patience))
        {
            try
            {
                if (await ask())
                    return;
                last = null;
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                last = e;
            }

            await Task.Delay(50);
        }

        Assert.Fail($"waited {clock.Elapsed.TotalSeconds:0} s in vain: {what}. {last?.Message} {explain?.Invoke()}");
    }
}
