using System.CommandLine;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Cli.Documents;
using OrleansMesh.Cli.Proxies;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>proxy run</c>.</summary>
internal sealed class ProxyCommand : Command
{
    private readonly Terminal _terminal;
    private readonly SharedOptions _shared;

    private readonly Option<string> _dataplane = new("--dataplane-file", "-d")
    {
        Description = "The file with the Dataplane, YAML or JSON; '-' for standard input.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly PairsOption _values = new("--dataplane-var")
    {
        Description = "What {{ NAME }} stands for in the Dataplane's file.",
    };

    private readonly Option<string> _token = new("--token-file")
    {
        Description = "The file with the proxy's token, as 'meshctl generate dataplane-token' prints it.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<Uri[]> _addresses = new("--cp-address")
    {
        Description = "The control plane's server for proxies. Given several times: each of its servers, of which any will do.",
        HelpName = "URL",
        DefaultValueFactory = _ => [new Uri("https://127.0.0.1:5678")],
        CustomParser = result =>
        {
            var addresses = new List<Uri>();
            foreach (var token in result.Tokens)
            {
                if (Uri.TryCreate(token.Value, UriKind.Absolute, out var address) && address.Scheme == "https")
                    addresses.Add(address);
                else
                    result.AddError($"--cp-address: '{token.Value}' is no https address, such as https://127.0.0.1:5678");
            }

            return [.. addresses];
        },
    };

    private readonly Option<string> _authorities = new("--ca-cert-file")
    {
        Description = "PEM certificates of the authorities that vouch for the control plane. Without it, those of the system.",
        HelpName = "FILE",
    };

    private readonly Option<string> _envoy = new("--envoy")
    {
        Description = "The Envoy binary. Without it, $ENVOY, then 'envoy' on PATH, then the one that eng/get-envoy fetched.",
        HelpName = "PATH",
    };

    private readonly DurationOption _drainTime = new("--drain-time", new MeshDuration("10s", TimeSpan.FromSeconds(10)))
    {
        Description = "How long connections may go on after the proxy is asked to stop.",
    };

    private readonly DurationOption _patience = new("--wait-for-cp", new MeshDuration("30s", TimeSpan.FromSeconds(30)))
    {
        Description = "How long to try again while the control plane does not answer at the start.",
    };

    public ProxyCommand(Terminal terminal, SharedOptions shared)
        : base("proxy", "Runs proxies.")
    {
        _terminal = terminal;
        _shared = shared;
        var run = new Command("run", "Runs an Envoy as the proxy of a workload, until it ends or is asked to stop. Exits with Envoy's exit code.")
        {
            _dataplane, _values, _token, _addresses, _authorities, _envoy, _drainTime, _patience,
        };
        run.SetAction(RunAsync);
        Add(run);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var values = parsed.GetRequiredValue(_values).ToLookup(pair => pair.Key, pair => pair.Value).ToDictionary(pair => pair.Key, pair => pair.Last());
        var dataplane = DataplaneTemplate.Read(await ReadAsync(parsed.GetRequiredValue(_dataplane), cancellation), values);
        if (_shared.NamedMesh(parsed) is { } mesh && mesh != dataplane.Mesh)
            throw new CommandFailedException($"--mesh says '{mesh}', and the Dataplane is of mesh '{dataplane.Mesh}'");
        var tokenFile = parsed.GetRequiredValue(_token);
        var token = (await ReadAsync(tokenFile, cancellation)).Text.Trim();
        if (token.Length == 0)
            throw new CommandFailedException($"{tokenFile} is empty; expected a token as 'meshctl generate dataplane-token' prints it");
        var authorities = parsed.GetValue(_authorities) is { } file ? (await ReadAsync(file, cancellation)).Text : null;
        using var server = new DataplaneServer(parsed.GetRequiredValue(_addresses), authorities);
        var proxy = new ProxyRun(_terminal, server)
        {
            Dataplane = dataplane,
            Token = token,
            TokenFile = tokenFile,
            Authorities = authorities,
            Envoy = parsed.GetValue(_envoy) ?? EnvoyBinary.Find() ?? throw new CommandFailedException($"there is no Envoy on this machine. {EnvoyBinary.HowToInstall}"),
            DrainTime = parsed.GetRequiredValue(_drainTime).Value,
            Patience = parsed.GetRequiredValue(_patience).Value,
        };
        return await proxy.RunAsync(cancellation);
    }

    private async Task<DocumentFile> ReadAsync(string place, CancellationToken cancellation)
        => Directory.Exists(place)
            ? throw new CommandFailedException($"{place} is a folder; expected a file")
            : (await DocumentFile.ReadAsync(place, _terminal.In, cancellation))[0];
}
