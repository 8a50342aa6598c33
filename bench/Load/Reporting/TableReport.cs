using System.Globalization;
using Spectre.Console;

namespace OrleansMesh.Load.Reporting;

/// <summary>The results for people.</summary>
internal static class TableReport
{
    private const int MissedShown = 20;

    public static void Write(IAnsiConsole console, IReadOnlyList<ScenarioResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumn("scenario")
            .AddColumn(new TableColumn("receivers").RightAligned())
            .AddColumn(new TableColumn("p50 ms").RightAligned())
            .AddColumn(new TableColumn("p99 ms").RightAligned())
            .AddColumn(new TableColumn("max ms").RightAligned())
            .AddColumn(new TableColumn("server CPU s").RightAligned())
            .AddColumn(new TableColumn("a change").RightAligned())
            .AddColumn(new TableColumn("own CPU s").RightAligned())
            .AddColumn(new TableColumn("server MB").RightAligned())
            .AddColumn(new TableColumn("peak").RightAligned())
            .AddColumn(new TableColumn("messages").RightAligned())
            .AddColumn(new TableColumn("MB").RightAligned())
            .AddColumn(new TableColumn("missed").RightAligned());
        foreach (var result in results)
        {
            table.AddRow(
                Markup.Escape(result.Name),
                result.Latency is null ? "" : Text($"{result.Latency.Count}"),
                Milliseconds(result.Latency?.P50),
                Milliseconds(result.Latency?.P99),
                Milliseconds(result.Latency?.Max),
                result.ServerCpuSeconds is { } cpu ? Text($"{cpu:0.00}") : "-",
                result.ServerCpuSecondsPerChange is { } each ? Text($"{each:0.000}") : "",
                Text($"{result.LoadCpuSeconds:0.00}"),
                result.ServerResidentBytes is { } resident ? Text($"{resident / 1e6:0}") : "-",
                result.ServerPeakResidentBytes is { } peak ? Text($"{peak / 1e6:0}") : "-",
                Text($"{result.Received.Messages}"),
                Text($"{result.Received.Bytes / 1e6:0.0}"),
                result.Missed.Count == 0 ? "0" : Text($"[red]{result.Missed.Count}[/]"));
        }

        foreach (var column in table.Columns)
            column.NoWrap();
        console.Write(table);
        foreach (var result in results.Where(r => r.Note.Length > 0))
            console.MarkupLineInterpolated($"{result.Name}: {result.Note}");
        foreach (var result in results.Where(r => r.Received.Disconnects > 0))
            console.MarkupLineInterpolated($"{result.Name}: {result.Received.Disconnects} connections ended, or were refused, although their sidecars had not left");
        foreach (var result in results.Where(r => r.Missed.Count > 0))
        {
            foreach (var missed in result.Missed.Take(MissedShown))
                console.MarkupLineInterpolated($"[red]missed[/] in {result.Name}: {missed}");
            if (result.Missed.Count > MissedShown)
                console.MarkupLineInterpolated($"  and {result.Missed.Count - MissedShown} more");
        }
    }

    private static string Milliseconds(double? value) => value is { } ms ? Text($"{ms:0.0}") : "";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
