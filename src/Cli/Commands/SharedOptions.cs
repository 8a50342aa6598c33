using System.CommandLine;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Cli.Output;

namespace OrleansMesh.Cli.Commands;

/// <summary>Options that every command takes.</summary>
internal sealed class SharedOptions(Terminal terminal)
{
    public const string DefaultServer = "http://127.0.0.1:5681";

    public const string ServerVariable = "ORLEANSMESH_SERVER";

    public Option<Uri> Server { get; } = new("--server")
    {
        Description = $"The control plane's REST API. Without it, ${ServerVariable}, or {DefaultServer}.",
        HelpName = "URL",
        Recursive = true,
        CustomParser = result => ParsedServer(result.Tokens[0].Value, result.AddError),
    };

    public CredentialOptions Credentials { get; } = new(terminal);

    public Option<string> Mesh { get; } = new("--mesh", "-m")
    {
        Description = "The mesh.",
        HelpName = "NAME",
        Recursive = true,
        DefaultValueFactory = _ => "default",
    };

    public Option<OutputFormat> Output { get; } = new("--output", "-o")
    {
        Description = "A table for people, yaml or json for programs. Without it, a table.",
        HelpName = "table|yaml|json",
        Recursive = true,
        CustomParser = result =>
        {
            switch (result.Tokens[0].Value)
            {
                case "table":
                    return OutputFormat.Table;
                case "yaml":
                    return OutputFormat.Yaml;
                case "json":
                    return OutputFormat.Json;
                default:
                    result.AddError($"--output: there is no form '{result.Tokens[0].Value}'; there are table, yaml and json");
                    return default;
            }
        },
    };

    /// <summary>The mesh that the person named; null when it is the default that nobody named.</summary>
    public string? NamedMesh(ParseResult parsed) => parsed.GetResult(Mesh) is { Implicit: false } ? parsed.GetValue(Mesh) : null;

    /// <exception cref="CommandFailedException">The environment names no usable server, or the credentials cannot be used.</exception>
    public ControlPlaneClient Connect(ParseResult parsed) => new(parsed.GetValue(Server) ?? ServerOfEnvironment(), Credentials.Read(parsed));

    private Uri ServerOfEnvironment()
    {
        var text = terminal.Variable(ServerVariable);
        return string.IsNullOrEmpty(text)
            ? new Uri(DefaultServer)
            : ParsedServer(text, problem => throw new CommandFailedException($"${ServerVariable}: {problem}"))!;
    }

    private static Uri? ParsedServer(string text, Action<string> reject)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is "http" or "https")
            return server;
        reject($"'{text}' is no address of a control plane; expected one such as {DefaultServer}");
        return null;
    }
}
