namespace OrleansMesh.Curve.Chart;

/// <summary>Puts the values of an axis onto a stretch of the picture, every power of ten as wide as the next.</summary>
internal sealed class LogScale
{
    private readonly double _from;
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
        (_from, _to) = (Steps(least).Last(s => s <= least * 0.95), Steps(most).First(s => s >= most * 1.05));
        (_start, _end) = (start, end);
        Ticks = [.. Steps(_from).Concat(Steps(Math.Sqrt(_from * _to))).Concat(Steps(_to)).Distinct().Where(s => s >= _from && s <= _to).Order()];
        if (Ticks.Count > 9)
            Ticks = [.. Ticks.Where(t => Math.Abs(Math.Log10(t) - Math.Round(Math.Log10(t))) < 1e-9)];
    }

    /// <summary>The values that are labelled.</summary>
    public IReadOnlyList<double> Ticks { get; }

    public double Of(double value) => _start + ((_end - _start) * (Math.Log10(value) - Math.Log10(_from)) / (Math.Log10(_to) - Math.Log10(_from)));

    /// <summary>1, 2 and 5 of the powers of ten around a value.</summary>
    private static IEnumerable<double> Steps(double around)
    {
        var power = (int)Math.Floor(Math.Log10(around));
        for (var p = power - 2; p <= power + 2; p++)
        {
            foreach (var step in (ReadOnlySpan<double>)[1, 2, 5])
                yield return double.Parse(FormattableString.Invariant($"{step}e{p}"), System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
