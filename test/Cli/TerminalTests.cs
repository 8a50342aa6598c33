namespace OrleansMesh.Cli.Tests;

public sealed class TerminalTests
{
    [Fact]
    public void Colours_are_written_where_they_are_seen_and_not_elsewhere()
    {
        using var seen = new StringWriter();
        using var plain = new StringWriter();

        new Terminal(TextReader.Null, seen, TextWriter.Null) { HasColours = true }.WriteMarkup("[red]stop[/] [bold]now[/]");
        new Terminal(TextReader.Null, plain, TextWriter.Null).WriteMarkup("[red]stop[/] [bold]now[/]  ");

        Assert.Contains("\u001b[91mstop", seen.ToString(), StringComparison.Ordinal);
        Assert.Equal("stop now\n", plain.ToString());
    }

    [Fact]
    public void Text_is_wrapped_at_a_terminals_width_only()
    {
        using var narrow = new StringWriter();
        using var file = new StringWriter();
        var line = string.Join(' ', Enumerable.Repeat("word", 100));

        new Terminal(TextReader.Null, narrow, TextWriter.Null) { Width = 40 }.WriteMarkup(line);
        new Terminal(TextReader.Null, file, TextWriter.Null).WriteMarkup(line);

        Assert.All(narrow.ToString().Split('\n'), part => Assert.True(part.Length <= 40));
        Assert.Equal(line + "\n", file.ToString());
    }
}
