using System.Globalization;
using System.Security;
using System.Text;

namespace OrleansMesh.Curve.Chart;

/// <summary>Diagrams as one SVG picture, which is the same for the same numbers, and readable on light and on dark.</summary>
internal static class SvgDocument
{
    private const int Columns = 2;
    private const double Width = 460;
    private const double Height = 320;
    private const double Left = 64;
    private const double Right = 28;
    private const double Top = 62;
    private const double Bottom = 48;

    private const string Style = """
        <style>
          text { font: 12px system-ui, sans-serif; fill: #24292f; } .title { font-weight: 600; font-size: 14px; } .small { font-size: 11px; fill: #57606a; }
          .grid { stroke: #d0d7de; stroke-width: 1; fill: none; } .frame { stroke: #8c959f; stroke-width: 1; fill: none; } .ideal { stroke: #8c959f; stroke-dasharray: 5 4; }
          .s0 { stroke: #0969da; fill: #0969da; } .s1 { stroke: #bc4c00; fill: #bc4c00; } polyline { fill: none !important; stroke-width: 2; } .mark { stroke-width: 2.5; }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; } .small { fill: #9da7b1; } .grid { stroke: #30363d; } .frame, .ideal { stroke: #6e7681; }
            .s0 { stroke: #58a6ff; fill: #58a6ff; } .s1 { stroke: #ff9e64; fill: #ff9e64; }
          }
        </style>
        """;

    public static string Of(string title, IReadOnlyList<Panel> panels)
    {
        var rows = (panels.Count + Columns - 1) / Columns;
        var svg = new StringBuilder();
        svg.AppendLine(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Columns * Width} {rows * Height}" role="img" aria-label="{Escaped(title)}">"""));
        svg.AppendLine(Invariant($"<title>{Escaped(title)}</title>")).AppendLine(Style);
        for (var i = 0; i < panels.Count; i++)
        {
            svg.AppendLine(Invariant($"""<g transform="translate({i % Columns * Width} {i / Columns * Height})">"""));
            Add(svg, panels[i]);
            svg.AppendLine("</g>");
        }

        return svg.AppendLine("</svg>").ToString().ReplaceLineEndings("\n");
    }

    private static void Add(StringBuilder svg, Panel panel)
    {
        var points = panel.Series.SelectMany(s => s.Points).ToArray();
        var x = new LogScale([.. points.Select(p => p.X), .. panel.Marks.Select(m => m.X)], Left, Width - Right);
        var y = new LogScale([.. points.Select(p => p.Y), .. panel.Marks.Where(m => m.Y > 0).Select(m => m.Y)], Height - Bottom, Top);
        svg.AppendLine(Invariant($"""<text class="title" x="{Left}" y="20">{Escaped(panel.Title)}</text>"""));
        AddLegend(svg, panel);
        AddAxes(svg, panel, x, y);
        if (panel.IsProportional && points.Length > 0)
            AddProportion(svg, points, x, y);
        for (var i = 0; i < panel.Series.Count; i++)
            Add(svg, panel.Series[i], i, x, y);
        foreach (var mark in panel.Marks)
            svg.AppendLine(Invariant($"""<line class="s{mark.Series} mark" x1="{x.Of(mark.X) - 12:0.0}" x2="{x.Of(mark.X) + 12:0.0}" y1="{y.Of(mark.Y):0.0}" y2="{y.Of(mark.Y):0.0}"/>"""));
    }

    private static void AddLegend(StringBuilder svg, Panel panel)
    {
        var at = Left;
        for (var i = 0; i < panel.Series.Count; i++)
        {
            svg.AppendLine(Invariant($"""<circle class="s{i}" cx="{at + 4}" cy="38" r="4"/><text class="small" x="{at + 12}" y="42">{Escaped(panel.Series[i].Name)}</text>"""));
            at += 26 + (6 * panel.Series[i].Name.Length);
        }

        if (panel.Marks.Count > 0)
            svg.AppendLine(Invariant($"""<line class="frame mark" x1="{at}" x2="{at + 18}" y1="38" y2="38"/><text class="small" x="{at + 24}" y="42">target</text>"""));
        if (panel.IsProportional)
            svg.AppendLine(Invariant($"""<line class="ideal" x1="{at}" x2="{at + 18}" y1="38" y2="38"/><text class="small" x="{at + 24}" y="42">in proportion</text>"""));
    }

    private static void AddAxes(StringBuilder svg, Panel panel, LogScale x, LogScale y)
    {
        foreach (var tick in x.Ticks)
        {
            svg.AppendLine(Invariant($"""<line class="grid" x1="{x.Of(tick):0.0}" x2="{x.Of(tick):0.0}" y1="{Top}" y2="{Height - Bottom}"/>"""));
            svg.AppendLine(Invariant($"""<text class="small" text-anchor="middle" x="{x.Of(tick):0.0}" y="{Height - Bottom + 15}">{Number(tick)}</text>"""));
        }

        foreach (var tick in y.Ticks)
        {
            svg.AppendLine(Invariant($"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{y.Of(tick):0.0}" y2="{y.Of(tick):0.0}"/>"""));
            svg.AppendLine(Invariant($"""<text class="small" text-anchor="end" x="{Left - 6}" y="{y.Of(tick) + 4:0.0}">{Number(tick)}</text>"""));
        }

        svg.AppendLine(Invariant($"""<rect class="frame" x="{Left}" y="{Top}" width="{Width - Left - Right}" height="{Height - Top - Bottom}"/>"""));
        svg.AppendLine(Invariant($"""<text text-anchor="middle" x="{(Left + Width - Right) / 2}" y="{Height - Bottom + 33}">{Escaped(panel.XLabel)}</text>"""));
        svg.AppendLine(Invariant($"""<text text-anchor="middle" transform="translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)">{Escaped(panel.YLabel)}</text>"""));
    }

    /// <summary>Drawn as far as the points go, and not below the axis.</summary>
    private static void AddProportion(StringBuilder svg, Point[] points, LogScale x, LogScale y)
    {
        var last = points.MaxBy(p => p.X);
        var lowest = Math.Max(points.Min(p => p.X), last.X * y.From / last.Y);
        svg.AppendLine(Invariant($"""<line class="ideal" x1="{x.Of(lowest):0.0}" y1="{y.Of(last.Y * lowest / last.X):0.0}" x2="{x.Of(last.X):0.0}" y2="{y.Of(last.Y):0.0}"/>"""));
    }

    private static void Add(StringBuilder svg, Series series, int index, LogScale x, LogScale y)
    {
        if (series.IsLine)
        {
            var path = string.Join(' ', series.Points.Select(p => Invariant($"{x.Of(p.X):0.0},{y.Of(p.Y):0.0}")));
            svg.AppendLine(Invariant($"""<polyline class="s{index}" points="{path}"/>"""));
        }

        foreach (var point in series.Points)
        {
            var tip = Invariant($"{series.Name}: {Number(point.Y)} at {Number(point.X)}");
            svg.AppendLine(Invariant($"""<circle class="s{index}" cx="{x.Of(point.X):0.0}" cy="{y.Of(point.Y):0.0}" r="3.5"><title>{Escaped(tip)}</title></circle>"""));
        }
    }

    /// <summary>Three significant digits at least.</summary>
    private static string Number(double value) => value switch
    {
        >= 100 => Invariant($"{value:#,0}"),
        >= 1 => Invariant($"{value:0.##}"),
        _ => Invariant($"{value:0.####}"),
    };

    private static string Escaped(string text) => SecurityElement.Escape(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
