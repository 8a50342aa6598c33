using OrleansMesh.Cli;
using Spectre.Console;

namespace OrleansMesh.Demo;

/// <summary>Tells the story: numbered steps, what was typed, what came back.</summary>
internal sealed class Narrator(Terminal terminal)
{
    private int _step;
    private string _title = "";

    public void Open(string title, string subtitle)
    {
        terminal.Out.WriteLine();
        terminal.WriteMarkup($"  [bold]{Markup.Escape(title)}[/]");
        terminal.WriteMarkup($"  [grey]{Markup.Escape(subtitle)}[/]");
    }

    public void Step(string title)
    {
        _title = title;
        terminal.Out.WriteLine();
        terminal.WriteMarkup($"[blue]{++_step,2}[/]  [bold]{Markup.Escape(title)}[/]");
    }

    public void Say(string line) => terminal.WriteMarkup($"    {Markup.Escape(line)}");

    /// <summary>A line of a log, or of what a program wrote.</summary>
    public void Quote(string text)
    {
        foreach (var line in text.TrimEnd().Split('\n'))
            terminal.WriteMarkup($"    [grey]│[/] {Markup.Escape(line.TrimEnd())}");
    }

    public void Typed(string command) => terminal.WriteMarkup($"    [grey]$[/] [yellow]{Markup.Escape(command)}[/]");

    public void Good(string line) => terminal.WriteMarkup($"    [green]✓[/] {Markup.Escape(line)}");

    public void Fail(string message)
    {
        terminal.Out.WriteLine();
        terminal.WriteMarkup($"    [red]✗ Step {_step}, “{Markup.Escape(_title)}”, failed[/]");
        foreach (var line in message.TrimEnd().Split('\n'))
            terminal.WriteMarkup($"      {Markup.Escape(line)}");
    }

    public void Close(string line)
    {
        terminal.Out.WriteLine();
        terminal.WriteMarkup($"  [bold]{Markup.Escape(line)}[/]");
    }

    public void Table(string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column, new Style(Color.Grey))) { Padding = new Padding(0, 0, 3, 0) });
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        terminal.Write(new Padder(table, new Padding(4, 0, 0, 0)));
    }
}
