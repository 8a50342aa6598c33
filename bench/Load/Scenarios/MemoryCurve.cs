using System.Globalization;

namespace OrleansMesh.Load.Scenarios;

/// <summary>
/// The server's resident memory once a second. Where it settled is the median of the half minute after the first two; where it ended, that of the last half minute.
/// </summary>
internal sealed class MemoryCurve
{
    /// <summary>How much more than where it settled it may be in the end.</summary>
    private const double Tolerance = 1.10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>In a shorter run both windows would be of a server that has not settled.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(5);

    private readonly List<(TimeSpan At, long Bytes)> _samples = [];

    /// <summary>Takes a sample when it is time for one.</summary>
    /// <param name="bytes">Null where the server's process cannot be seen.</param>
    /// <returns>Whether it was time.</returns>
    public bool Add(TimeSpan at, long? bytes)
    {
        if (_samples.Count > 0 && at - _samples[^1].At < Interval)
            return false;
        if (bytes is { } seen)
            _samples.Add((at, seen));
        return true;
    }

    /// <summary>What is to be said of it after so long a run, and what is wrong with it, if anything.</summary>
    public (string Words, string? Problem) Judge(TimeSpan run)
    {
        if (_samples.Count == 0)
            return ("the server's memory cannot be seen", null);
        if (run < Shortest)
            return (string.Create(CultureInfo.InvariantCulture, $"memory {Megabytes(_samples[^1].Bytes)}, not judged in less than {Shortest.TotalMinutes:0} minutes"), null);
        var (settled, ended) = (Median(Settling, Settling + Window), Median(run - Window, TimeSpan.MaxValue));
        var words = string.Create(
            CultureInfo.InvariantCulture, $"memory settled at {Megabytes(settled)} and ended at {Megabytes(ended)} ({100 * ((ended / settled) - 1):+0.0;-0.0;0.0} %)");
        return (words, ended > settled * Tolerance ? $"the server's {words}; expected at most {Tolerance:0.00} times as much" : null);
    }

    private double Median(TimeSpan from, TimeSpan to)
    {
        var sorted = _samples.Where(s => s.At >= from && s.At < to).Select(s => (double)s.Bytes).Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static string Megabytes(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB");
}
