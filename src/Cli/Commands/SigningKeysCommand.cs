using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansMesh.Cli.Output;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>signing-keys list</c>, <c>add</c> and <c>remove KEY</c>: how the keys that sign tokens are rotated.</summary>
internal sealed class SigningKeysCommand : Command
{
    private readonly Terminal _terminal;
    private readonly SharedOptions _shared;
    private readonly Option<bool> _users = new("--user-tokens") { Description = "The keys of user tokens, instead of those of the mesh's dataplane tokens.", Recursive = true };

    public SigningKeysCommand(Terminal terminal, SharedOptions shared)
        : base("signing-keys", "Rotates the keys that sign tokens: the newest signs, and tokens of all of them are good until their key is removed.")
    {
        (_terminal, _shared) = (terminal, shared);
        Add(_users);
        var list = new Command("list", "Shows the keys.");
        list.SetAction(ListAsync);
        Add(list);
        var add = new Command("add", "Has the control plane make a key, which signs from now on.");
        add.SetAction(AddAsync);
        Add(add);
        var key = new Argument<string>("KEY") { Description = "The key's kid." };
        var remove = new Command("remove", "Removes a key: what it signed is good no more, and streams that such tokens opened are closed.") { key };
        remove.SetAction((parsed, cancellation) => RemoveAsync(parsed, parsed.GetRequiredValue(key), cancellation));
        Add(remove);
    }

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var controlPlane = _shared.Connect(parsed);
        var keys = await controlPlane.ListAsync(PathOf(parsed), cancellation);
        if (parsed.GetValue(_shared.Output) is not OutputFormat.Table and var format)
            ResultText.WriteList(_terminal, format, keys);
        else
            TableText.Write(_terminal, ["KEY", "SIGNS"], keys.Select(k => (string[])[k["keyId"]?.ToString() ?? "", k["signs"]?.GetValue<bool>() is true ? "yes" : ""]));
        return Meshctl.Done;
    }

    private async Task<int> AddAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var controlPlane = _shared.Connect(parsed);
        var added = JsonNode.Parse(await controlPlane.PostAsync(PathOf(parsed), "{}", cancellation));
        await _terminal.Out.WriteLineAsync($"key {added?["keyId"]} signs from now on");
        return Meshctl.Done;
    }

    private async Task<int> RemoveAsync(ParseResult parsed, string key, CancellationToken cancellation)
    {
        using var controlPlane = _shared.Connect(parsed);
        if (!await controlPlane.DeleteAsync($"{PathOf(parsed)}/{Uri.EscapeDataString(key)}", cancellation))
            throw new CommandFailedException($"there is no key '{key}'");
        await _terminal.Out.WriteLineAsync($"key {key} removed");
        return Meshctl.Done;
    }

    private string PathOf(ParseResult parsed) => $"{(parsed.GetValue(_users) ? TokenPlaces.OfUsers : TokenPlaces.OfDataplanes(_shared, parsed))}/signing-keys";
}
