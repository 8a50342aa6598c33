using Spectre.Console;

namespace OrleansMesh.Cli.Output;

/// <summary>Tables for people: a line each, no frames, colours only where they are seen.</summary>
internal static class TableText
{
    public static void Write(Terminal terminal, string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        for (var i = 0; i < columns.Length; i++)
            table.AddColumn(new TableColumn(new Text(columns[i], new Style(decoration: Decoration.Bold))) { Padding = new Padding(0, 0, i < columns.Length - 1 ? 3 : 0, 0) });
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(Printable(cell))));
        terminal.Write(table);
    }

    /// <summary>The text without characters that could steer a terminal.</summary>
    public static string Printable(string text)
        => text.Any(IsUnseen) ? string.Concat(text.Select(c => IsUnseen(c) ? '\uFFFD' : c)) : text;

    private static bool IsUnseen(char c) => char.IsControl(c) && c != '\n';
}
