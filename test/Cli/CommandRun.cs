namespace OrleansMesh.Cli.Tests;

/// <summary>One command, run in this process, and what it wrote.</summary>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static Task<CommandRun> OfAsync(RecordingServer server, params string[] arguments) => OfAsync("", ["--server", server.Address.ToString(), .. arguments]);

    public static async Task<CommandRun> OfAsync(string input, string[] arguments, Func<string, string?>? variable = null, int? width = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(new StringReader(input), output, error)
        {
            Clock = new StoppedClock(),
            Variable = variable ?? (_ => null),
            Width = width,
        };
        var code = await Meshctl.RunAsync(arguments, terminal);
        return new(code, output.ToString(), error.ToString());
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
