using System.Collections;
using System.CommandLine;
using OrleansMesh.Domain.Values;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.CommandLine;

/// <summary>The server's command line: starts the server, or shows its configuration.</summary>
public sealed class ServerCommand
{
    /// <summary>The exit code when the command line, the environment or the configuration file is wrong.</summary>
    public const int ConfigurationError = 2;

    private readonly RootCommand _root = new(
        $"""
        OrleansMesh: the control plane of a zero-trust service mesh.

        Every setting can be given in a YAML file (--config), in the environment and as a flag; the later of these wins.
        'config show' prints all of them as such a file. Environment variables are named like {Settings.DpServerPort.Variable}.
        """);

    private readonly Option<string?> _file = new("--config") { HelpName = "FILE", Description = "configuration file, YAML", Recursive = true };
    private readonly Dictionary<Setting, Option<string?>> _flags = [];

    /// <param name="run">Runs the server until it is stopped and returns the process's exit code.</param>
    public ServerCommand(Func<ServerConfiguration, Task<int>> run)
    {
        _root.Add(_file);
        foreach (var setting in Settings.All)
        {
            var flag = new Option<string?>(setting.Flag)
            {
                Description = $"{(setting.ValueOfBareFlag is "false" ? "do not " : "")}{setting.Description} [{setting.Path}, default: {(setting.Default.Length == 0 ? "none" : setting.Default)}]",
                HelpName = setting.IsSwitch ? null : setting.ValueName,
                Recursive = true,
                Arity = setting.IsSwitch ? ArgumentArity.Zero : ArgumentArity.ExactlyOne,
            };
            _flags.Add(setting, flag);
            _root.Add(flag);
        }

        _root.SetAction(parsed => WithConfiguration(parsed, reading => run(reading.Configuration!)));

        var show = new Command("show", "Print the effective configuration as YAML, and where each value comes from");
        show.SetAction(parsed => WithConfiguration(parsed, async reading =>
        {
            await parsed.InvocationConfiguration.Output.WriteAsync(YamlConfiguration.Write(reading.Values));
            return 0;
        }));
        _root.Add(new Command("config", "Look at the configuration") { show });
    }

    public async Task<int> InvokeAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var parsed = _root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
                await error.WriteLineAsync(problem.Message);
            await error.WriteLineAsync("See --help.");
            return ConfigurationError;
        }

        // SIGTERM is the host's to handle.
        return await parsed.InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    private async Task<int> WithConfiguration(ParseResult parsed, Func<ConfigurationReading, Task<int>> go)
    {
        var reading = ConfigurationReading.Of(
            await ReadFile(parsed.GetValue(_file)), ConfigurationLayer.OfEnvironment(EnvironmentVariables()), OfFlags(parsed));
        if (reading.IsValid)
            return await go(reading);

        var error = parsed.InvocationConfiguration.Error;
        await error.WriteLineAsync("The configuration is not valid:");
        foreach (var problem in reading.Problems)
            await error.WriteLineAsync($"  {problem}");
        return ConfigurationError;
    }

    private static async Task<ConfigurationLayer> ReadFile(string? file)
    {
        var nothing = new Dictionary<string, GivenValue>();
        if (file is null)
            return new(nothing, []);
        try
        {
            return YamlConfiguration.Read(await File.ReadAllTextAsync(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(nothing, [new("--config", $"expected a file that can be read: {e.Message}")]);
        }
    }

    private ConfigurationLayer OfFlags(ParseResult parsed)
    {
        var values = new Dictionary<string, GivenValue>(StringComparer.Ordinal);
        foreach (var (setting, flag) in _flags)
        {
            if (parsed.GetResult(flag) is { Implicit: false })
                values[setting.Path] = new(setting.ValueOfBareFlag ?? parsed.GetValue(flag) ?? "", setting.Flag);
        }

        return new(values, ValueList<FieldProblem>.Empty);
    }

    private static IEnumerable<KeyValuePair<string, string>> EnvironmentVariables()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            yield return new((string)variable.Key, (string?)variable.Value ?? "");
    }
}
