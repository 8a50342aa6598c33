using System.CommandLine;
using OrleansMesh.Load.ControlPlane;
using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Scenarios;
using OrleansMesh.Load.Sidecars;
using OrleansMesh.Load.Transport;
using OrleansMesh.Load.Xds;
using Spectre.Console;

namespace OrleansMesh.Load;

/// <summary>The command line of the load generator.</summary>
internal static class LoadCommand
{
    /// <summary>A sidecar missed a change, or was not configured.</summary>
    public const int Missed = 1;

    /// <summary>The command line is wrong, or the control plane cannot be used.</summary>
    public const int Failed = 2;

    public static Task<int> InvokeAsync(IReadOnlyList<string> arguments)
    {
        var defaults = new LoadOptions();
        var proxies = Number("--proxies", "sidecars", defaults.Proxies);
        var services = Number("--services", "services that they are replicas of", defaults.Services);
        var outbounds = Number("--outbounds", "services that each of them calls", defaults.Outbounds);
        var atOnce = Number("--at-once", "sidecars that connect at a time in the storm", defaults.AtOnce);
        var rounds = Number("--rounds", "changes of each kind", defaults.Rounds);
        var patience = Number("--patience", "seconds after which a change counts as missed", (int)defaults.Patience.TotalSeconds);
        var idle = Number("--idle", "seconds for which nothing changes", (int)defaults.IdleTime.TotalSeconds);
        var delta = new Option<bool>("--delta") { Description = "incremental xDS, which is the default" };
        var sotw = new Option<bool>("--sotw") { Description = "state-of-the-world xDS" };
        var scenarios = new Option<string[]>("--scenarios")
        {
            Description = $"what to do after the storm, of {string.Join(", ", Scenario.All.Select(s => s.Name))}; none: only the storm [default: all]",
            AllowMultipleArgumentsPerToken = true,
        };
        var server = Address("--server", "REST API of a server that runs already, as in http://127.0.0.1:5681 [default: one is started]");
        var dpServer = Address("--dp-server", "where its proxies connect to, as in https://127.0.0.1:5678");
        var authority = new Option<string?>("--ca-file") { Description = "PEM authority by which sidecars check it" };
        var process = new Option<int?>("--server-pid") { Description = "its process, to read its processor time and memory" };
        var mesh = new Option<string>("--mesh") { Description = "the mesh that is made", DefaultValueFactory = _ => defaults.Mesh };
        var json = new Option<string?>("--json") { Description = "file for the results as JSON" };
        var command = new RootCommand("Simulates sidecars against a control plane and measures how soon changes reach them.")
        {
            proxies, services, outbounds, delta, sotw, atOnce, rounds, patience, idle, scenarios, server, dpServer, authority, process, mesh, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(delta) && result.GetValue(sotw))
                result.AddError("--delta and --sotw exclude each other");
            if (result.GetValue(server) is not null && (result.GetValue(dpServer) is null || result.GetValue(authority) is null))
                result.AddError("--server: expected --dp-server and --ca-file beside it");
            foreach (var unknown in (result.GetValue(scenarios) ?? []).Where(n => n != "none" && Scenario.All.All(s => s.Name != n)))
                result.AddError($"--scenarios: expected {string.Join(", ", Scenario.All.Select(s => s.Name))} or none, found {unknown}");
        });
        command.SetAction(parsed => RunAsync(
            new LoadOptions
            {
                Proxies = parsed.GetValue(proxies),
                Services = parsed.GetValue(services),
                Outbounds = parsed.GetValue(outbounds),
                AtOnce = parsed.GetValue(atOnce),
                Rounds = parsed.GetValue(rounds),
                Patience = TimeSpan.FromSeconds(parsed.GetValue(patience)),
                IdleTime = TimeSpan.FromSeconds(parsed.GetValue(idle)),
                Variant = parsed.GetValue(sotw) ? Variant.StateOfTheWorld : Variant.Delta,
                Scenarios = parsed.GetValue(scenarios) ?? [],
                Server = parsed.GetValue(server),
                DpServer = parsed.GetValue(dpServer),
                AuthorityFile = parsed.GetValue(authority),
                ServerProcess = parsed.GetValue(process),
                Mesh = parsed.GetValue(mesh)!,
            },
            parsed.GetValue(json)));
        var parsed = command.Parse(arguments);
        foreach (var error in parsed.Errors)
            Console.Error.WriteLine(error.Message);
        return parsed.Errors.Count > 0 ? Task.FromResult(Failed) : parsed.InvokeAsync();

        static Option<Uri?> Address(string name, string description) => new(name)
        {
            Description = description,
            CustomParser = given =>
            {
                if (Uri.TryCreate(given.Tokens[0].Value, UriKind.Absolute, out var uri))
                    return uri;
                given.AddError($"{name}: expected an address, found {given.Tokens[0].Value}");
                return null;
            },
        };

        static Option<int> Number(string name, string description, int value)
        {
            var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
            option.Validators.Add(given =>
            {
                if (given.Tokens.Count > 0 && given.GetValueOrDefault<int>() < 1)
                    given.AddError($"{name}: expected a number above 0");
            });
            return option;
        }
    }

    private static async Task<int> RunAsync(LoadOptions options, string? json)
    {
        var console = AnsiConsole.Console;
        // Where there is no terminal, its width is a guess, and too narrow for the table.
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = 160;
        try
        {
            var at = DateTimeOffset.Now;
            console.MarkupLineInterpolated(
                $"{options.Proxies} sidecars, {options.Services} services, {options.Outbounds} outbounds each, {options.Variant}, against {options.Server?.ToString() ?? "a server of its own"}");
            var results = await console.Progress().AutoClear(true).StartAsync(context => RunAsync(options, new ProgressBars(context)));
            TableReport.Write(console, results);
            if (json is not null)
                await File.WriteAllTextAsync(json, JsonReport.Write(options, at, results));
            return results.All(r => r.Missed.Count == 0) ? 0 : Missed;
        }
        catch (Exception e) when (e is ControlPlaneException or HttpRequestException or IOException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Failed;
        }
    }

    /// <summary>Runs the scenarios against the server that the options name, or one that is started for them.</summary>
    internal static async Task<IReadOnlyList<ScenarioResult>> RunAsync(LoadOptions options, IProgressReport progress)
    {
        await using var own = options.Server is null ? await OwnServer.StartAsync() : null;
        var authority = await File.ReadAllTextAsync(own?.AuthorityFile ?? options.AuthorityFile!);
        var address = options.DpServer is { } given
            ? ServerAddress.Trusting(authority, given.Host, given.Port)
            : ServerAddress.Trusting(authority, "127.0.0.1", own!.DpServerPort);
        using var controlPlane = new ControlPlaneApi(own?.Api ?? options.Server!, address, authority, options.Mesh);
        await using var fleet = new Fleet(address, options.Variant);
        return await new LoadRun(options, controlPlane, fleet, own, () => own?.Id ?? options.ServerProcess, progress).RunAsync();
    }
}
