using System.Reflection;
using System.Text.Json;
using OrleansMesh.Curve;

// Usage: dotnet run -c Release --project bench/Curve [-- measure|draw]
// measure: runs the load generator at every size and leaves its results in bench/results; draw: makes bench/curve.svg, and the tables of bench/README.md, from those
// alone. Without a word: both. Exit codes: 0 done, 1 a sidecar missed something, 2 misused or failed.
string[] words = args.Length == 0 ? ["measure", "draw"] : args;
if (words.Except(["measure", "draw"]).Any())
{
    await Console.Error.WriteLineAsync($"expected measure or draw, found {string.Join(' ', args)}");
    return 2;
}

var checkout = Checkout();
if (checkout is null)
{
    await Console.Error.WriteLineAsync($"no checkout above {AppContext.BaseDirectory}");
    return 2;
}

var bench = Path.Combine(checkout, "bench");
var results = Path.Combine(bench, "results");
var exitCode = 0;
if (words.Contains("measure"))
{
    var configuration = typeof(Measurement).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Configuration").Value!;
    exitCode = await Measurement.RunAllAsync(Path.Combine(bench, "Load", "bin", configuration, "net10.0", "OrleansMesh.Load.dll"), results);
}

if (words.Contains("draw"))
{
    try
    {
        var runs = Run.ReadAll(results);
        await File.WriteAllTextAsync(Path.Combine(bench, "curve.svg"), CurveChart.Draw(runs));
        var readme = Path.Combine(bench, "README.md");
        await File.WriteAllTextAsync(readme, MeasuredTables.InsertInto(await File.ReadAllTextAsync(readme), runs, Run.ReadOverload(results)));
    }
    catch (Exception e) when (e is IOException or JsonException or InvalidDataException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 2;
    }
}

return exitCode;

static string? Checkout()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "OrleansMesh.sln")))
            return folder.FullName;
    }

    return null;
}
