using System.CommandLine;
using OrleansMesh.Cli.Commands;

namespace OrleansMesh.Cli;

/// <summary>The command line of the mesh.</summary>
public static class Meshctl
{
    /// <summary>Exit code of a command that did what it was asked.</summary>
    public const int Done = 0;

    /// <summary>Exit code of a command that was refused or failed.</summary>
    public const int Failed = 1;

    /// <summary>Exit code for arguments that make no command.</summary>
    public const int Misused = 2;

    public static string Version { get; } = typeof(Meshctl).Assembly.GetName().Version!.ToString(3);

    /// <summary>Runs one command and returns its exit code. <c>proxy run</c> returns Envoy's.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellation = default)
    {
        var parsed = new RootCommandLine(terminal).Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await terminal.Error.WriteLineAsync($"error: {error.Message}");
            await terminal.Error.WriteLineAsync($"'{CommandPath(parsed)} --help' shows how it is used.");
            return Misused;
        }

        var invocation = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellation);
        }
        catch (CommandFailedException failure)
        {
            await terminal.Error.WriteLineAsync($"error: {failure.Message}");
            return Failed;
        }
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            names.Insert(0, result.Command is RootCommand ? "meshctl" : result.Command.Name);
        return string.Join(' ', names);
    }
}
