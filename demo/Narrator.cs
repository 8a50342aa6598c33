using OrleansMesh.Cli;
using Spectre.Console;

namespace OrleansMesh.Demo;

/// <summary>Tells the story: numbered steps, what was typed, what came back.</summary>
internal sealed class Narrator(Terminal terminal)
{
    private readonly IAnsiConsole _console = terminal.ToConsole();
    private int _step;
    private string _title = "";

    public void Open(string title, string subtitle)
    {
        _console.WriteLine();
        _console.MarkupLine($"  [bold]{Markup.Escape(title)}[/]");
        _console.MarkupLine($"  [grey]{Markup.Escape(subtitle)}[/]");
    }

    public void Step(string title)
    {
        _title = title;
        _console.WriteLine();
        _console.MarkupLine($"[blue]{++_step,2}[/]  [bold]{Markup.Escape(title)}[/]");
    }

    public void Say(string line) => _console.MarkupLine($"    {Markup.Escape(line)}");

    /// <summary>A line of a log, or of what a program wrote.</summary>
    public void Quote(string text)
    {
        foreach (var line in text.TrimEnd().Split('\n'))
            _console.MarkupLine($"    [grey]│[/] {Markup.Escape(line.TrimEnd())}");
    }

    public void Typed(string command) => _console.MarkupLine($"    [grey]$[/] [yellow]{Markup.Escape(command)}[/]");

    public void Good(string line) => _console.MarkupLine($"    [green]✓[/] {Markup.Escape(line)}");

    public void Fail(string message)
    {
        _console.WriteLine();
        _console.MarkupLine($"    [red]✗ Step {_step}, “{Markup.Escape(_title)}”, failed[/]");
        foreach (var line in message.TrimEnd().Split('\n'))
            _console.MarkupLine($"      {Markup.Escape(line)}");
    }

    public void Close(string line)
    {
        _console.WriteLine();
        _console.MarkupLine($"  [bold]{Markup.Escape(line)}[/]");
    }

    public void Table(string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column, new Style(Color.Grey))) { Padding = new Padding(0, 0, 3, 0) });
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        _console.Write(new Padder(table, new Padding(4, 0, 0, 0)));
    }
}
