namespace OrleansMesh.Curve.Chart;

/// <summary>One diagram; both axes are logarithmic.</summary>
/// <param name="Marks">Limits to be drawn.</param>
/// <param name="IsProportional">A line is drawn along which twice as much costs twice as much, through the rightmost point.</param>
internal sealed record Panel(string Title, string XLabel, string YLabel, IReadOnlyList<Series> Series, IReadOnlyList<Mark> Marks, bool IsProportional);

/// <param name="IsLine">Its points are joined.</param>
internal sealed record Series(string Name, bool IsLine, IReadOnlyList<Point> Points);

internal readonly record struct Point(double X, double Y);

/// <summary>A limit: the value at X is to stay below Y.</summary>
/// <param name="Series">Which series it is for.</param>
internal readonly record struct Mark(double X, double Y, int Series);
