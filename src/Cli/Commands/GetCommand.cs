using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Cli.Output;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>get TYPE [NAME]</c>.</summary>
internal sealed class GetCommand : Command
{
    public GetCommand(Terminal terminal, SharedOptions shared)
        : base("get", "Shows resources: all of a type, or one by its name.")
    {
        var type = new ResourceTypeArgument();
        var name = new Argument<string?>("NAME") { Description = "The resource's name.", Arity = ArgumentArity.ZeroOrOne };
        Add(type);
        Add(name);
        SetAction(async (parsed, cancellation) =>
        {
            var (resource, mesh, one) = (parsed.GetRequiredValue(type), parsed.GetRequiredValue(shared.Mesh), parsed.GetValue(name));
            var format = parsed.GetValue(shared.Output);
            using var controlPlane = shared.Connect(parsed);
            if (one is null)
            {
                var items = await controlPlane.ListAsync(resource.PathIn(mesh), cancellation);
                if (format == OutputFormat.Table)
                    ResourceTable.Write(terminal, resource, items);
                else
                    ResultText.WriteList(terminal, format, items);
                return Meshctl.Done;
            }

            JsonObject item = await controlPlane.FindAsync(resource.PathOf(mesh, one), cancellation)
                ?? throw new CommandFailedException($"there is no {resource.Title(mesh, one)}");
            if (format == OutputFormat.Table)
                ResourceTable.Write(terminal, resource, [item]);
            else
                ResultText.Write(terminal, format, item);
            return Meshctl.Done;
        });
    }
}
