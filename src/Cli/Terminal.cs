using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansMesh.Cli;

/// <summary>What a command reads from and writes to: results to <paramref name="Out"/>, everything else to <paramref name="Error"/>.</summary>
public sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error)
{
    /// <summary>Whether a person sees <see cref="Out"/>, rather than a file or a program.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether <see cref="Out"/> shows colours.</summary>
    public bool HasColours { get; init; }

    /// <summary>Columns; null when nothing limits them.</summary>
    public int? Width { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = _ => null;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The process's own streams. Colours are off when the output is no terminal, in a dumb one, and with NO_COLOR (https://no-color.org).</summary>
    public static Terminal OfThisProcess()
    {
        var interactive = !Console.IsOutputRedirected;
        return new Terminal(Console.In, Console.Out, Console.Error)
        {
            IsInteractive = interactive,
            HasColours = interactive
                && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb",
            Width = interactive && Console.WindowWidth > 0 ? Console.WindowWidth : null,
            Variable = Environment.GetEnvironmentVariable,
        };
    }

    /// <summary>Writes a line with Spectre.Console's markup.</summary>
    public void WriteMarkup(string line) => Write(new Markup(line + "\n"));

    /// <summary>Writes in colours only where they are seen, and wraps only at a <see cref="Width"/>.</summary>
    /// <remarks>Text without colours is written here: Spectre.Console would set the colours of the process's console even then.</remarks>
    public void Write(IRenderable content)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Width ?? 10_000;
        if (HasColours)
        {
            console.Write(content);
            return;
        }

        var text = string.Concat(content.GetSegments(console).Where(segment => !segment.IsControlCode).Select(segment => segment.Text));
        Out.Write(string.Join('\n', text.Split('\n').Select(line => line.TrimEnd())));
    }
}
