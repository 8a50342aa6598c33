using System.CommandLine;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Cli.Output;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>quarantine PROXY</c>, <c>quarantine list</c> and <c>quarantine lift PROXY</c>.</summary>
internal sealed class QuarantineCommand : Command
{
    public QuarantineCommand(Terminal terminal, SharedOptions shared)
        : base("quarantine", "Shuts a proxy out of its mesh at once: all others refuse it although its certificate is valid, its token is refused, its endpoints are withdrawn.")
    {
        // Not asked for by the parser, since the commands below do without.
        var proxy = new Argument<string?>("PROXY") { Description = "The name of the proxy's Dataplane.", Arity = ArgumentArity.ZeroOrOne };
        var reason = new Option<string?>("--reason") { Description = "Why, for those who read it later.", HelpName = "TEXT" };
        Add(proxy);
        Add(reason);
        Add(List(terminal, shared));
        Add(Lift(terminal, shared));
        SetAction(async (parsed, cancellation) =>
        {
            var name = parsed.GetValue(proxy) ?? throw new CommandFailedException("which proxy? Expected 'quarantine PROXY', 'quarantine list' or 'quarantine lift PROXY'");
            var mesh = parsed.GetRequiredValue(shared.Mesh);
            using var controlPlane = shared.Connect(parsed);
            var quarantine = new ProxyQuarantine(mesh, name, name, parsed.GetValue(reason));
            await controlPlane.PutAsync(ResourceTypes.ProxyQuarantine.PathOf(mesh, name), ResourceWriter.Write(quarantine).ToJsonString(), cancellation);
            await terminal.Out.WriteLineAsync($"proxy {name} of mesh {mesh} is quarantined; 'meshctl quarantine lift {name}' lets it in again");
            if (await controlPlane.FindAsync(ResourceTypes.Dataplane.PathOf(mesh, name), cancellation) is null)
                await terminal.Error.WriteLineAsync($"warning: there is no Dataplane {name} in mesh {mesh} now; whoever has a certificate in that name is refused all the same");
            return Meshctl.Done;
        });
    }

    private static Command List(Terminal terminal, SharedOptions shared)
    {
        var command = new Command("list", "Shows what is shut out of the mesh.");
        command.SetAction(async (parsed, cancellation) =>
        {
            using var controlPlane = shared.Connect(parsed);
            var items = await controlPlane.ListAsync(ResourceTypes.ProxyQuarantine.PathIn(parsed.GetRequiredValue(shared.Mesh)), cancellation);
            if (parsed.GetValue(shared.Output) is not OutputFormat.Table and var format)
                ResultText.WriteList(terminal, format, items);
            else
                ResourceTable.Write(terminal, ResourceTypes.ProxyQuarantine, items);
            return Meshctl.Done;
        });
        return command;
    }

    private static Command Lift(Terminal terminal, SharedOptions shared)
    {
        var proxy = new Argument<string>("PROXY") { Description = "The name of the proxy's Dataplane." };
        var command = new Command("lift", "Lets a proxy in again: deletes every quarantine that names it.") { proxy };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (mesh, name) = (parsed.GetRequiredValue(shared.Mesh), parsed.GetRequiredValue(proxy));
            using var controlPlane = shared.Connect(parsed);
            var naming = (await controlPlane.ListAsync(ResourceTypes.ProxyQuarantine.PathIn(mesh), cancellation)).Where(q => (string?)q["proxy"] == name).ToList();
            if (naming.Count == 0)
                throw new CommandFailedException($"proxy {name} of mesh {mesh} is not quarantined");
            foreach (var quarantine in naming)
                await controlPlane.DeleteAsync(ResourceTypes.ProxyQuarantine.PathOf(mesh, (string)quarantine["name"]!), cancellation);
            await terminal.Out.WriteLineAsync($"proxy {name} of mesh {mesh} is no longer quarantined");
            return Meshctl.Done;
        });
        return command;
    }
}
