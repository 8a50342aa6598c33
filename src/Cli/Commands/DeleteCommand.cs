using System.CommandLine;
using OrleansMesh.Cli.ControlPlane;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>delete TYPE NAME</c>.</summary>
internal sealed class DeleteCommand : Command
{
    public DeleteCommand(Terminal terminal, SharedOptions shared)
        : base("delete", "Deletes a resource.")
    {
        var type = new ResourceTypeArgument();
        var name = new Argument<string>("NAME") { Description = "The resource's name." };
        Add(type);
        Add(name);
        SetAction(async (parsed, cancellation) =>
        {
            var (resource, mesh) = (parsed.GetRequiredValue(type), parsed.GetRequiredValue(shared.Mesh));
            var title = resource.Title(mesh, parsed.GetRequiredValue(name));
            using var controlPlane = shared.Connect(parsed);
            if (!await controlPlane.DeleteAsync(resource.PathOf(mesh, parsed.GetRequiredValue(name)), cancellation))
                throw new CommandFailedException($"there is no {title}");
            await terminal.Out.WriteLineAsync($"{title} deleted");
            return Meshctl.Done;
        });
    }
}
