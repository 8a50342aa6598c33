using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansMesh.Cli.Output;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>kek rotate</c>.</summary>
internal sealed class KeyEncryptionKeyCommand : Command
{
    public KeyEncryptionKeyCommand(Terminal terminal, SharedOptions shared)
        : base("kek", "Looks after the key-encryption key, which wraps all other keys.") => Add(Rotate(terminal, shared));

    private static Command Rotate(Terminal terminal, SharedOptions shared)
    {
        var everywhere = new Option<bool>("--everywhere") { Description = "Says that every server of a shared log has the next key. Without it, servers on PostgreSQL refuse." };
        var command = new Command("rotate", "Wraps every data key anew under the next key-encryption key, while the server runs. Broken off, it goes on when asked again.") { everywhere };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var controlPlane = shared.Connect(parsed);
            var body = new JsonObject { ["everywhere"] = parsed.GetValue(everywhere) };
            var answer = JsonNode.Parse(await controlPlane.PostAsync("/key-encryption-key/rotate", body.ToJsonString(), cancellation))!.AsObject();
            Write(terminal, parsed.GetValue(shared.Output), answer);
            return Meshctl.Done;
        });
        return command;
    }

    private static void Write(Terminal terminal, OutputFormat format, JsonObject answer)
    {
        if (format is not OutputFormat.Table)
        {
            ResultText.Write(terminal, format, answer);
            return;
        }

        terminal.Out.WriteLine($"{answer["rewrapped"]} data keys were wrapped anew; the key-encryption key is {answer["keyId"]} now");
        if ((string?)answer["remaining"] is { } remaining)
            terminal.Out.WriteLine($"now {remaining}");
    }
}
