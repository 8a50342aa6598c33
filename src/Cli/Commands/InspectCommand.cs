using System.CommandLine;
using System.Text.Json;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Cli.Output;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>inspect dataplanes</c> and <c>inspect dataplane NAME</c>.</summary>
internal sealed class InspectCommand : Command
{
    public InspectCommand(Terminal terminal, SharedOptions shared)
        : base("inspect", "Shows what the mesh makes of its resources.")
    {
        Add(Dataplanes(terminal, shared));
        Add(Dataplane(terminal, shared));
    }

    private static Command Dataplanes(Terminal terminal, SharedOptions shared)
    {
        var command = new Command("dataplanes", "Shows all proxies of the mesh: which are connected, and how long their certificates last.");
        command.SetAction(async (parsed, cancellation) =>
        {
            using var controlPlane = shared.Connect(parsed);
            var path = $"{ResourceTypes.Dataplane.PathIn(parsed.GetRequiredValue(shared.Mesh))}/_overview";
            var items = await controlPlane.ListAsync(path, cancellation);
            if (parsed.GetValue(shared.Output) is not OutputFormat.Table and var format)
                ResultText.WriteList(terminal, format, items);
            else
                DataplaneOverviewTable.Write(terminal, items);
            return Meshctl.Done;
        });
        return command;
    }

    private static Command Dataplane(Terminal terminal, SharedOptions shared)
    {
        var name = new Argument<string>("NAME") { Description = "The Dataplane's name." };
        var command = new Command("dataplane", "Shows one proxy: who may call it, what it calls, its certificate, and what its Envoy refused.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (mesh, proxy) = (parsed.GetRequiredValue(shared.Mesh), parsed.GetRequiredValue(name));
            using var controlPlane = shared.Connect(parsed);
            var inspection = await controlPlane.FindAsync($"{ResourceTypes.Dataplane.PathOf(mesh, proxy)}/_inspect", cancellation)
                ?? throw new CommandFailedException($"there is no {ResourceTypes.Dataplane.Title(mesh, proxy)}");
            if (parsed.GetValue(shared.Output) is not OutputFormat.Table and var format)
                ResultText.Write(terminal, format, inspection);
            else
                DataplaneReport.Write(terminal, inspection.Deserialize<DataplaneInspection>(JsonSerializerOptions.Web)!);
            return Meshctl.Done;
        });
        return command;
    }
}
