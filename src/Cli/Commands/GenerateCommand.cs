using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansMesh.Cli.Output;
using OrleansMesh.Cli.Tokens;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>generate dataplane-token</c>, <c>user-token</c>, <c>signing-key</c> and <c>public-key</c>.</summary>
internal sealed class GenerateCommand : Command
{
    public GenerateCommand(Terminal terminal, SharedOptions shared)
        : base("generate", "Makes credentials.")
    {
        Add(DataplaneToken(terminal, shared));
        Add(UserToken(terminal, shared));
        Add(Key(terminal));
        Add(PublicKey(terminal));
    }

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
        var offline = new OfflineSigning();
        var command = new Command("dataplane-token", "Makes the token by which a proxy proves what it is, and prints it.") { name, tags, type, validFor };
        offline.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (mesh, valid) = (parsed.GetRequiredValue(shared.Mesh), parsed.GetRequiredValue(validFor).Value);
            var values = parsed.GetRequiredValue(tags).GroupBy(tag => tag.Key, tag => tag.Value).Select(tag => (tag.Key, tag.ToValueList())).ToValueList();
            var token = offline.Key(parsed) is { } signing
                ? signing.Sign(TokenClaims.OfDataplane(
                    mesh, parsed.GetValue(name) ?? "", parsed.GetRequiredValue(type), values, Guid.NewGuid().ToString(), terminal.Clock.GetUtcNow(), valid))
                : await Ask("/tokens/dataplane", shared, parsed, new JsonObject
                {
                    ["name"] = parsed.GetValue(name) ?? "",
                    ["mesh"] = mesh,
                    ["tags"] = new JsonObject(values.Select(tag => KeyValuePair.Create<string, JsonNode?>(tag.Key, Texts(tag.Item2)))),
                    ["type"] = parsed.GetRequiredValue(type),
                    ["validFor"] = DurationWords.Go(valid),
                }, cancellation);
            return await Print(terminal, token);
        });
        return command;
    }

    private static Command UserToken(Terminal terminal, SharedOptions shared)
    {
        var name = new Option<string>("--name") { Description = "Whose token it is.", HelpName = "NAME", Required = true };
        var groups = new Option<string[]>("--group")
        {
            Description = "A group that they are in; given again, another one. The members of mesh-system:admin may do everything.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        var validFor = new DurationOption("--valid-for") { Description = "How long the token is good." };
        var offline = new OfflineSigning();
        var command = new Command("user-token", "Makes the token by which a person or program proves to the API who they are, and prints it.") { name, groups, validFor };
        offline.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (user, valid) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(validFor).Value);
            var given = parsed.GetRequiredValue(groups).ToValueList();
            var token = offline.Key(parsed) is { } signing
                ? signing.Sign(TokenClaims.OfUser(user, given, Guid.NewGuid().ToString(), terminal.Clock.GetUtcNow(), valid))
                : await Ask("/tokens/user", shared, parsed, new JsonObject
                {
                    ["name"] = user,
                    ["groups"] = Texts(given),
                    ["validFor"] = DurationWords.Go(valid),
                }, cancellation);
            return await Print(terminal, token);
        });
        return command;
    }

    private static Command Key(Terminal terminal)
    {
        var command = new Command("signing-key", "Makes a private key that signs tokens, RSA of 2048 bits, and prints it in PEM. The control plane needs its public key only.");
        command.SetAction((_, _) => Print(terminal, SigningKey.Make()));
        return command;
    }

    private static Command PublicKey(Terminal terminal)
    {
        var path = new Option<string>("--signing-key-path") { Description = "The private key, PEM.", HelpName = "FILE", Required = true };
        var command = new Command("public-key", "Prints the public key of a signing key, PEM, for the settings dpServer.tokenKeys and api.tokenKeys.") { path };
        command.SetAction((parsed, _) => Print(terminal, SigningKey.PublicKeyOf(parsed.GetRequiredValue(path))));
        return command;
    }

    private static async Task<string> Ask(
        string path, SharedOptions shared, ParseResult parsed, JsonObject claims, CancellationToken cancellation)
    {
        using var controlPlane = shared.Connect(parsed);
        return await controlPlane.PostAsync(path, claims.ToJsonString(), cancellation);
    }

    private static async Task<int> Print(Terminal terminal, string text)
    {
        await terminal.Out.WriteAsync(terminal.IsInteractive && !text.EndsWith('\n') ? text + Environment.NewLine : text);
        return Meshctl.Done;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
