using System.Buffers.Text;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>revoke dataplane-token ID...</c> and <c>revoke user-token ID...</c>.</summary>
internal sealed class RevokeCommand : Command
{
    private readonly Terminal _terminal;

    public RevokeCommand(Terminal terminal, SharedOptions shared)
        : base("revoke", "Makes tokens good no more, at once.")
    {
        _terminal = terminal;
        Add(Of("dataplane-token", "Revokes tokens of the mesh's proxies; streams that they opened are closed.", shared, TokenPlaces.OfDataplanes));
        Add(Of("user-token", "Revokes tokens of people.", shared, (_, _) => TokenPlaces.OfUsers));
    }

    private Command Of(string name, string description, SharedOptions shared, Func<SharedOptions, ParseResult, string> place)
    {
        var ids = new Argument<string[]>("ID") { Description = "The tokens' jti.", Arity = ArgumentArity.ZeroOrMore };
        var file = new Option<string?>("--revoked-token-file") { Description = "The file with a token that is to be revoked.", HelpName = "FILE" };
        var undo = new Option<bool>("--undo") { Description = "Makes the tokens good again." };
        var command = new Command(name, description) { ids, file, undo };
        command.SetAction(async (parsed, cancellation) =>
        {
            var revoked = parsed.GetRequiredValue(ids).Concat(parsed.GetValue(file) is { } path ? [IdOf(path)] : []).ToArray();
            if (revoked.Length == 0)
                throw new CommandFailedException("expected the jti of a token, or --revoked-token-file");
            using var controlPlane = shared.Connect(parsed);
            var revocations = $"{place(shared, parsed)}/revocations";
            if (parsed.GetValue(undo))
            {
                foreach (var id in revoked)
                {
                    if (!await controlPlane.DeleteAsync($"{revocations}/{Uri.EscapeDataString(id)}", cancellation))
                        throw new CommandFailedException($"no token {id} is revoked");
                    await _terminal.Out.WriteLineAsync($"{name} {id} is good again");
                }

                return Meshctl.Done;
            }

            await controlPlane.PostAsync(revocations, new JsonObject { ["ids"] = new JsonArray([.. revoked.Select(id => (JsonNode)id)]) }.ToJsonString(), cancellation);
            foreach (var id in revoked)
                await _terminal.Out.WriteLineAsync($"{name} {id} revoked");
            return Meshctl.Done;
        });
        return command;
    }

    private static string IdOf(string file)
    {
        try
        {
            var payload = Base64Url.DecodeFromChars(File.ReadAllText(file).Trim().Split('.') is [_, var middle, _] ? middle : throw new FormatException("it is no token"));
            using var claims = JsonDocument.Parse(payload);
            return claims.RootElement.GetProperty("jti").GetString() is { Length: > 0 } id ? id : throw new FormatException("its jti is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CommandFailedException($"{file} holds no token with a jti: {e.Message}", e);
        }
    }
}
