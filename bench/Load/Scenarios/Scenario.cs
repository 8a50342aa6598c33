using OrleansMesh.Load.Reporting;

namespace OrleansMesh.Load.Scenarios;

/// <summary>Something that happens to a mesh whose sidecars are connected and configured.</summary>
/// <param name="RunsUnasked">Where the command line names no scenario.</param>
internal sealed record Scenario(string Name, Func<LoadRun, Task<IReadOnlyList<ScenarioResult>>> RunAsync, bool RunsUnasked = true)
{
    /// <summary>In the order in which they run.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("hot-endpoint", run => EndpointChanges.RunAsync(run, "hot endpoint", run.Topology.Hot)),
        new("cold-endpoint", run => EndpointChanges.RunAsync(run, "cold endpoint", run.Topology.Cold)),
        new("mesh-permission", run => PermissionChanges.RunAsync(run, "mesh-wide permission", null)),
        new("service-permission", run => PermissionChanges.RunAsync(run, "one-service permission", run.Topology.Cold)),
        new("rolling-deploy", RollingDeploy.RunAsync),
        new("idle", Idle.RunAsync),
        new("restart", Restart.RunAsync),
        new("overload", Overload.RunAsync, RunsUnasked: false),
        new("soak", Soak.RunAsync, RunsUnasked: false),
    ];
}
