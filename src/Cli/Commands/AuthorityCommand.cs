using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Cli.Output;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>ca status|pause|resume|reverse|force</c>.</summary>
internal sealed class AuthorityCommand : Command
{
    public AuthorityCommand(Terminal terminal, SharedOptions shared)
        : base("ca", "Shows the mesh's certificate authorities, and steers a change of them.")
    {
        Add(Status(terminal, shared));
        Add(Control(terminal, shared, "pause", "Lets no further stage of a change begin."));
        Add(Control(terminal, shared, "resume", "Lets a change that was paused or reversed go on."));
        Add(Control(terminal, shared, "reverse", "Goes back to the authority that signed before, stage by stage, without an outage."));
        Add(Control(terminal, shared, "force", "Begins the next stage now. Proxies that 'ca status' names are cut off until they have caught up."));
    }

    private static Command Status(Terminal terminal, SharedOptions shared)
    {
        var command = new Command("status", "Shows which authority signs, which are trusted, until when, and what a change waits for.");
        command.SetAction(async (parsed, cancellation) =>
        {
            using var controlPlane = shared.Connect(parsed);
            var mesh = parsed.GetRequiredValue(shared.Mesh);
            var status = await controlPlane.FindAsync(PathOf(mesh), cancellation)
                ?? throw new CommandFailedException($"there is no mesh '{mesh}'");
            Write(terminal, parsed.GetValue(shared.Output), status);
            return Meshctl.Done;
        });
        return command;
    }

    private static Command Control(Terminal terminal, SharedOptions shared, string verb, string description)
    {
        var command = new Command(verb, description);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var controlPlane = shared.Connect(parsed);
            var answer = await controlPlane.PostAsync($"{PathOf(parsed.GetRequiredValue(shared.Mesh))}/{verb}", "{}", cancellation);
            Write(terminal, parsed.GetValue(shared.Output), JsonNode.Parse(answer)!.AsObject());
            return Meshctl.Done;
        });
        return command;
    }

    private static void Write(Terminal terminal, OutputFormat format, JsonObject status)
    {
        if (format is not OutputFormat.Table)
            ResultText.Write(terminal, format, status);
        else
            AuthorityReport.Write(terminal, status);
    }

    private static string PathOf(string mesh) => $"{ResourceTypes.Mesh.PathOf("", mesh)}/authorities";
}
