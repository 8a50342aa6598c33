using Spectre.Console;

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

    /// <summary>A console that writes to <see cref="Out"/>: in colours only where they are seen, and without a <see cref="Width"/> never wrapped.</summary>
    public IAnsiConsole ToConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Ansi = HasColours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = HasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Width ?? 10_000;
        return console;
    }
}
