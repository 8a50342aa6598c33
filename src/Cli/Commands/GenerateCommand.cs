using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansMesh.Cli.Output;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>generate dataplane-token</c>.</summary>
internal sealed class GenerateCommand : Command
{
    public GenerateCommand(Terminal terminal, SharedOptions shared)
        : base("generate", "Makes credentials.")
        => Add(DataplaneToken(terminal, shared));

    private static Command DataplaneToken(Terminal terminal, SharedOptions shared)
    {
        var name = new Option<string>("--name") { Description = "The only Dataplane that may use the token. Without it, any that the tags allow.", HelpName = "NAME" };
        var tags = new PairsOption("--tag")
        {
            Description = "A tag that the Dataplane's inbounds must have, with this value; the same tag again allows another value.",
        };
        var type = new Option<string>("--type") { Description = "The type of proxy.", DefaultValueFactory = _ => "dataplane" };
        type.AcceptOnlyFromAmong("dataplane");
        var validFor = new DurationOption("--valid-for") { Description = "How long the token is good." };
        var command = new Command("dataplane-token", "Makes the token by which a proxy proves what it is, and prints it.") { name, tags, type, validFor };
        command.SetAction(async (parsed, cancellation) =>
        {
            var claims = new JsonObject
            {
                ["name"] = parsed.GetValue(name) ?? "",
                ["mesh"] = parsed.GetRequiredValue(shared.Mesh),
                ["tags"] = ValuesByTag(parsed.GetRequiredValue(tags)),
                ["type"] = parsed.GetRequiredValue(type),
                ["validFor"] = DurationWords.Go(parsed.GetRequiredValue(validFor).Value),
            };
            using var controlPlane = shared.Connect(parsed);
            var token = await controlPlane.PostAsync("/tokens/dataplane", claims.ToJsonString(), cancellation);
            await terminal.Out.WriteAsync(terminal.IsInteractive ? token + Environment.NewLine : token);
            return Meshctl.Done;
        });
        return command;
    }

    private static JsonObject ValuesByTag(IEnumerable<KeyValuePair<string, string>> tags)
        => new(tags.GroupBy(tag => tag.Key, tag => tag.Value)
            .Select(tag => KeyValuePair.Create<string, JsonNode?>(tag.Key, new JsonArray([.. tag.Select(value => (JsonNode)value)]))));
}
