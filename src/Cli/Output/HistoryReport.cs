using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace OrleansMesh.Cli.Output;

/// <summary>Changes told to a person: who, when, why, and value by value what became of what.</summary>
internal static class HistoryReport
{
    private const int LongestValue = 120;

    public static void Write(Terminal terminal, IReadOnlyList<JsonObject> changes)
    {
        if (changes.Count == 0)
            terminal.Error.WriteLine("Nothing happened in that time.");
        foreach (var change in changes)
        {
            var cause = Text(change["cause"]) is { Length: > 0 } named ? $"  for {named}" : "";
            terminal.WriteMarkup($"[bold]{Time(change)}[/]  {Shown(change["actor"])}[grey]{Markup.Escape(TableText.Printable(cause))}  #{Text(change["position"])}[/]");
            terminal.WriteMarkup($"    {Shown(change["description"])}");
            foreach (var field in (change["changes"] as JsonArray ?? []).OfType<JsonObject>())
                terminal.WriteMarkup($"    {Line(field)}");
        }
    }

    private static string Line(JsonObject field) => (field["before"], field["after"]) switch
    {
        (null, { } after) => $"[green]+ {Shown(field["field"])}: {Shown(after)}[/]",
        ({ } before, null) => $"[red]- {Shown(field["field"])}: {Shown(before)}[/]",
        ({ } before, { } after) => $"[yellow]~ {Shown(field["field"])}: {Shown(before)} -> {Shown(after)}[/]",
        _ => "",
    };

    private static string Time(JsonObject change)
        => DateTimeOffset.TryParse(Text(change["time"]), CultureInfo.InvariantCulture, out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture)
            : Markup.Escape(Text(change["time"]));

    // A certificate is a text of many lines; its beginning tells enough.
    private static string Shown(JsonNode? node)
    {
        var text = TableText.Printable(Text(node).ReplaceLineEndings(" "));
        return Markup.Escape(text.Length > LongestValue ? text[..LongestValue] + "…" : text);
    }

    private static string Text(JsonNode? node) => node?.ToString() ?? "";
}
