using System.Text.Json.Nodes;
using Spectre.Console;

namespace OrleansMesh.Cli.Output;

/// <summary>A mesh's authorities for people: how far a change of them is, what it waits for, and each authority.</summary>
internal static class AuthorityReport
{
    public static void Write(Terminal terminal, JsonObject status)
    {
        terminal.Out.WriteLine(TableText.Printable(Stage(terminal, status)));
        if (status["permissive"] is { } permissive)
            terminal.WriteMarkup($"[red]{Markup.Escape(TableText.Printable(permissive.ToString()))}[/]");
        if (status["paused"]?.GetValue<bool>() is true)
            terminal.Out.WriteLine("paused: no further stage begins until 'meshctl ca resume'");
        if (status["heldBack"] is { } heldBack)
            terminal.Out.WriteLine(TableText.Printable($"held back: {heldBack} does not sign until 'meshctl ca resume'"));
        var authorities = (status["authorities"] as JsonArray ?? []).OfType<JsonObject>().ToArray();
        if (authorities.Length == 0)
            return;
        terminal.Out.WriteLine();
        TableText.Write(terminal, ["BACKEND", "TYPE", "AUTHORITY", "USE", "ENDS", "CAN SIGN", "IN USE BY"], authorities.Select(authority => (string[])
        [
            Text(authority["backend"]),
            Text(authority["type"]),
            Text(authority["id"]),
            Text(authority["use"]),
            Ends(terminal, authority),
            authority["canSign"]?.GetValue<bool>() switch { true => "yes", false => $"NO: {Text(authority["problem"])}", null => "?" },
            Names(authority["inUse"]),
        ]));
    }

    private static string Stage(Terminal terminal, JsonObject status) => Text(status["stage"]) switch
    {
        "trusting" when (int?)status["unconfirmed"]?["total"] is > 0 =>
            $"stage 1 of 2: the old authority signs until every connected proxy trusts the next one too, or for {Time(terminal, status["deadline"])} at most; "
            + $"waiting for {Names(status["unconfirmed"])}",
        "trusting" => "stage 1 of 2: every connected proxy trusts the next authority; it signs as soon as its key can be had",
        "issuing" => "stage 2 of 2: the new authority signs; the old one is trusted until no certificate of it is in use",
        _ => Text(status["enabledBackend"]) is { Length: > 0 } backend ? $"no change under way; enabled: {backend}" : "mutual TLS is off",
    };

    private static string Names(JsonNode? names)
    {
        if (names is null)
            return "";
        var shown = (names["proxies"] as JsonArray ?? []).Select(Text).ToArray();
        var more = names["total"]!.GetValue<int>() - shown.Length;
        return string.Join(", ", shown) + (more > 0 ? $" and {more} more" : "");
    }

    private static string Ends(Terminal terminal, JsonObject authority)
    {
        var renewal = authority["renewal"] is { } at ? $", renewed in {Time(terminal, at)}" : "";
        return $"in {Time(terminal, authority["notAfter"])}{renewal}";
    }

    private static string Time(Terminal terminal, JsonNode? time)
        => DateTimeOffset.TryParse(Text(time), out var at) ? DurationWords.Short(at - terminal.Clock.GetUtcNow()) : "";

    private static string Text(JsonNode? node) => node?.ToString() ?? "";
}
