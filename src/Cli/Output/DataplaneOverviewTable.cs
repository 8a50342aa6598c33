using System.Text.Json.Nodes;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Cli.Output;

/// <summary>Proxies and how they are, a line each, from the API's <c>DataplaneOverview</c>.</summary>
internal static class DataplaneOverviewTable
{
    public static void Write(Terminal terminal, IReadOnlyList<JsonObject> items)
    {
        if (items.Count == 0)
        {
            terminal.Error.WriteLine("There are no dataplanes.");
            return;
        }

        var now = terminal.Clock.GetUtcNow();
        TableText.Write(terminal, ["MESH", "NAME", "SERVICES", "STATUS", "SINCE", "ENVOY", "CERTIFICATE", "REJECTED"], items.Select(item => Row(item, now)));
    }

    private static string[] Row(JsonObject item, DateTimeOffset now)
    {
        var last = (item["dataplaneInsight"]?["subscriptions"] as JsonArray)?.LastOrDefault();
        var online = TimeOf(last?["connectTime"]) is not null && TimeOf(last?["disconnectTime"]) is null;
        var since = online ? TimeOf(last?["connectTime"]) : TimeOf(last?["disconnectTime"]);
        var rejected = Text(last?["status"]?["total"]?["responsesRejected"]);
        return
        [
            Text(item["mesh"]),
            Text(item["name"]),
            ServicesOf(item),
            item["quarantine"] is null ? online ? "online" : "offline" : "quarantined",
            since is { } time ? DurationWords.Short(now - time) : "",
            Text(last?["version"]?["envoy"]?["version"]),
            CertificateOf(item, now),
            rejected is "" ? "0" : rejected,
        ];
    }

    private static string ServicesOf(JsonObject item)
        => string.Join(' ', (item["dataplane"]?["networking"]?["inbound"] as JsonArray ?? [])
            .Select(inbound => Text(inbound?["tags"]?[TagSet.ServiceTag])).Distinct(StringComparer.Ordinal));

    private static string CertificateOf(JsonObject item, DateTimeOffset now)
    {
        var mtls = item["dataplaneInsight"]?["mTLS"];
        var validity = TimeOf(mtls?["certificateExpirationTime"]) is not { } end ? "none"
            : end <= now ? "expired"
            : $"{DurationWords.Short(end - now)} left";
        return mtls?["issuanceFailure"] is { } failure ? $"{validity}, {Text(failure["backend"])} does not sign" : validity;
    }

    private static DateTimeOffset? TimeOf(JsonNode? node)
        => DateTimeOffset.TryParse(Text(node), System.Globalization.CultureInfo.InvariantCulture, out var time) ? time : null;

    private static string Text(JsonNode? node) => node?.ToString() ?? "";
}
