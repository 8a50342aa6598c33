using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansMesh.Cli;

namespace OrleansMesh.Demo;

/// <summary>The control plane of the demo, with data and ports of its own, and meshctl to speak to it.</summary>
internal sealed class ControlPlane
{
    private readonly Narrator _narrator;

    private ControlPlane(Narrator narrator, string data, int api, int dpServer) => (_narrator, Data, ApiPort, DpServerPort) = (narrator, data, api, dpServer);

    public string Data { get; }

    public int ApiPort { get; }

    public int DpServerPort { get; }

    public string Api => $"http://127.0.0.1:{ApiPort}";

    /// <summary>The certificates by which proxies verify the control plane.</summary>
    public string AuthorityFile => Path.Combine(Data, "dp-server-ca.crt");

    public static async Task<ControlPlane> StartAsync(Stage stage, Narrator narrator, CancellationToken cancellation)
    {
        var server = typeof(ControlPlane).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ServerAssembly").Value!;
        var data = Path.Combine(stage.Folder, "data");
        stage.Run("control-plane", server, "--data", data, "--api-port", "0", "--dp-server-port", "0", "--diagnostics-port", "0");
        var ports = await stage.EventuallyAsync("the control plane is ready", () => Task.FromResult(PortsIn(Path.Combine(data, "ports.json"))), cancellation);
        return new(narrator, data, ports["api"]!.GetValue<int>(), ports["dpServer"]!.GetValue<int>());
    }

    /// <summary>Runs a meshctl command before the audience's eyes.</summary>
    /// <param name="shown">The command as a person would type it.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <exception cref="StepFailedException">It failed.</exception>
    public async Task ShowAsync(string shown, string[] arguments, string input = "", CancellationToken cancellation = default)
    {
        _narrator.Typed(shown);
        _narrator.Quote(await RunAsync(arguments, input, cancellation));
    }

    /// <summary>Runs a meshctl command and returns what it wrote.</summary>
    /// <exception cref="StepFailedException">It failed.</exception>
    public async Task<string> RunAsync(string[] arguments, string input = "", CancellationToken cancellation = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await Meshctl.RunAsync([.. arguments, "--server", Api], new Terminal(new StringReader(input), output, error), cancellation);
        return code == Meshctl.Done
            ? output.ToString() + error
            : throw new StepFailedException($"meshctl {string.Join(' ', arguments)} ended with exit code {code}: {error}");
    }

    /// <summary>What the control plane knows of a proxy; null while it knows none.</summary>
    public async Task<JsonNode?> InspectAsync(string proxy, CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(await RunAsync(["inspect", "dataplane", proxy, "-o", "json"], cancellation: cancellation));
        }
        catch (StepFailedException)
        {
            return null;
        }
    }

    private static JsonNode? PortsIn(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file));
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            return null;
        }
    }
}
