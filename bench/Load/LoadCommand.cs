using System.CommandLine;
using System.Globalization;
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
        var settle = Number("--settle", "seconds for which nothing has changed before idle is measured", (int)defaults.SettleTime.TotalSeconds);
        var idle = Number("--idle", "seconds for which nothing changes", (int)defaults.IdleTime.TotalSeconds);
        var coldCallers = new Option<int?>("--cold-callers") { Description = "sidecars that call the cold service at least [default: as many as call any other]" };
        var overload = new Option<int?>("--overload") { Description = $"sidecars that come all at once in the overload; runs that scenario [default: {defaults.Overload}]" };
        var soak = Duration("--soak", "how long the soak churns, as in 90s or 10m; runs that scenario [default: 10m]");
        var seed = new Option<int>("--seed") { Description = "what the soak's chances follow from", DefaultValueFactory = _ => defaults.Seed };
        var processors = new Option<int?>("--server-processors") { Description = "processors that the server which is started may use [default: all]" };
        var nice = new Option<int>("--server-nice") { Description = "how much that server gives way to others, 0 to 19", DefaultValueFactory = _ => 0 };
        var delta = new Option<bool>("--delta") { Description = "incremental xDS, which is the default" };
        var sotw = new Option<bool>("--sotw") { Description = "state-of-the-world xDS" };
        var scenarios = new Option<string[]>("--scenarios")
        {
            Description = $"what to do after the storm, of {string.Join(", ", Scenario.All.Select(s => s.Name))}; none: only the storm "
                + $"[default: all but {string.Join(" and ", Scenario.All.Where(s => !s.RunsUnasked).Select(s => s.Name))}]",
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
            proxies, services, outbounds, coldCallers, delta, sotw, atOnce, rounds, patience, settle, idle, scenarios, overload, soak, seed, processors, nice, server, dpServer, authority, process, mesh, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(delta) && result.GetValue(sotw))
                result.AddError("--delta and --sotw exclude each other");
            if (result.GetValue(server) is not null && (result.GetValue(dpServer) is null || result.GetValue(authority) is null))
                result.AddError("--server: expected --dp-server and --ca-file beside it");
            if (result.GetValue(server) is not null && (result.GetValue(processors) is not null || result.GetValue(nice) != 0))
                result.AddError("--server-processors, --server-nice: of a server that is started, which excludes --server");
            if (result.GetValue(nice) is < 0 or > 19)
                result.AddError("--server-nice: expected 0 to 19");
            foreach (var number in (Option<int?>[])[coldCallers, overload, processors])
            {
                if (result.GetValue(number) < 1)
                    result.AddError($"{number.Name}: expected a number above 0");
            }

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
                SettleTime = TimeSpan.FromSeconds(parsed.GetValue(settle)),
                IdleTime = TimeSpan.FromSeconds(parsed.GetValue(idle)),
                Variant = parsed.GetValue(sotw) ? Variant.StateOfTheWorld : Variant.Delta,
                ColdCallers = parsed.GetValue(coldCallers),
                Overload = parsed.GetValue(overload) ?? defaults.Overload,
                SoakTime = parsed.GetValue(soak) ?? defaults.SoakTime,
                Seed = parsed.GetValue(seed),
                Constraints = new ServerConstraints(parsed.GetValue(processors), parsed.GetValue(nice)),
                Scenarios =
                [
                    .. parsed.GetValue(scenarios) ?? [],
                    .. parsed.GetValue(overload) is null ? Array.Empty<string>() : ["overload"],
                    .. parsed.GetValue(soak) is null ? Array.Empty<string>() : ["soak"],
                ],
                Server = parsed.GetValue(server),
                DpServer = parsed.GetValue(dpServer),
                AuthorityFile = parsed.GetValue(authority),
                ServerProcess = parsed.GetValue(process),
                Mesh = parsed.GetValue(mesh)!,
            },
            CommandOf(arguments),
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

        static Option<TimeSpan?> Duration(string name, string description) => new(name)
        {
            Description = description,
            CustomParser = given =>
            {
                var text = given.Tokens[0].Value;
                var unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
                if (unit > 0 && int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
                    return TimeSpan.FromSeconds((long)number * unit);
                given.AddError($"{name}: expected a number of seconds, minutes or hours, as in 90s, 10m or 1h, found {text}");
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

    /// <summary>The command line without where its results go, which is of this machine.</summary>
    private static string CommandOf(IReadOnlyList<string> arguments)
    {
        var given = arguments.ToList();
        if (given.IndexOf("--json") is >= 0 and var at)
            given.RemoveRange(at, Math.Min(2, given.Count - at));
        return string.Join(' ', given.Prepend("dotnet run -c Release --project bench/Load --"));
    }

    private static async Task<int> RunAsync(LoadOptions options, string command, string? json)
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
                await File.WriteAllTextAsync(json, JsonReport.Write(options, command, at, results));
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
        await using var own = options.Server is null ? await OwnServer.StartAsync(options.Constraints) : null;
        var authority = await File.ReadAllTextAsync(own?.AuthorityFile ?? options.AuthorityFile!);
        var address = options.DpServer is { } given
            ? ServerAddress.Trusting(authority, given.Host, given.Port)
            : ServerAddress.Trusting(authority, "127.0.0.1", own!.DpServerPort);
        using var controlPlane = new ControlPlaneApi(own?.Api ?? options.Server!, address, authority, options.Mesh);
        await using var fleet = new Fleet(address, options.Variant);
        return await new LoadRun(options, controlPlane, fleet, own, () => own?.Id ?? options.ServerProcess, progress).RunAsync();
    }
}
