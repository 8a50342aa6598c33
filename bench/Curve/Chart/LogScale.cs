using System.Globalization;

namespace OrleansMesh.Curve.Chart;

/// <summary>Puts the values of an axis onto a stretch of the picture, every power of ten as wide as the next.</summary>
internal sealed class LogScale
{
    private readonly double _to;
    private readonly double _start;
    private readonly double _end;

    /// <param name="values">What has to fit; all above 0.</param>
    /// <param name="start">Where the smallest goes, in pixels.</param>
    /// <param name="end">Where the largest goes.</param>
    public LogScale(IReadOnlyCollection<double> values, double start, double end)
    {
        // To the next 1, 2 or 5 on either side, so that no point lies on the frame's corner.
        var (least, most) = values.Count == 0 ? (1, 10) : (values.Min(), values.Max());
        (From, _to) = (Steps(least).Last(s => s <= least * 0.95), Steps(most).First(s => s >= most * 1.05));
        (_start, _end) = (start, end);
        Ticks = [.. Steps(From).Concat(Steps(Math.Sqrt(From * _to))).Concat(Steps(_to)).Distinct().Where(s => s >= From && s <= _to).Order()];
        if (Ticks.Count > 9)
            Ticks = [.. Ticks.Where(t => Math.Abs(Math.Log10(t) - Math.Round(Math.Log10(t))) < 1e-9)];
    }

    /// <summary>The least value that fits.</summary>
    public double From { get; }

    /// <summary>The values that are labelled.</summary>
    public IReadOnlyList<double> Ticks { get; }

    public double Of(double value) => _start + ((_end - _start) * (Math.Log10(value) - Math.Log10(From)) / (Math.Log10(_to) - Math.Log10(From)));

    /// <summary>1, 2 and 5 of the powers of ten around a value.</summary>
    private static IEnumerable<double> Steps(double around) =>
        from power in Enumerable.Range((int)Math.Floor(Math.Log10(around)) - 2, 5)
        from step in (int[])[1, 2, 5]
        // Read, not multiplied: 0.05 is to be written so.
        select double.Parse(FormattableString.Invariant($"{step}e{power}"), CultureInfo.InvariantCulture);
}
