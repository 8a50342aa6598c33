using System.Text.RegularExpressions;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>
/// What tags may be. They are Kuma's rules (<c>pkg/core/resources/apis/mesh/validators.go</c>), narrowed so that each tag of a proxy is one URI,
/// <c>kuma://{tag}/{value}</c>, that no other tag and value can also have, and each service is one SPIFFE ID, <c>spiffe://{mesh}/{service}</c>:
/// a value has no slash, no part of a URI's path is empty or made of dots alone, and a service has no colon, which SPIFFE does not allow.
/// </summary>
internal static partial class TagRules
{
    private const int Longest = 253;

    private const string TooLong = "value length must less or equal 253";
    private const string BadName = "tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores";
    private const string BadValue = "tag value must consist of alphanumeric characters, dots, dashes and underscores";
    private const string BadSelectorValue = "tag value must consist of alphanumeric characters, dots, dashes and underscores or be \"*\"";

    /// <summary>The protocols that <c>kuma.io/protocol</c> may name. Those that are not HTTP are carried as TCP.</summary>
    private static readonly string[] Protocols = ["grpc", "http", "http2", "kafka", "mysql", "tcp", "tls"];

    /// <summary>An inbound's tags: a service is needed.</summary>
    public static TagSet InboundTags(ObjectReader inbound, ProblemList problems)
    {
        var tags = Read(inbound, "tags", problems, ProblemOfValue);
        if (!tags.ContainsKey(TagSet.ServiceTag))
            problems.Add(FieldPath.Key(inbound.PathOf("tags"), TagSet.ServiceTag), "tag has to exist");
        if (tags.TryGetValue(TagSet.ProtocolTag, out var protocol) && protocol.Length > 0 && !Protocols.Contains(protocol.ToLowerInvariant()))
        {
            problems.Add(
                FieldPath.Key(inbound.PathOf("tags"), TagSet.ProtocolTag),
                $"tag \"{TagSet.ProtocolTag}\" has an invalid value \"{protocol}\". Allowed values: {string.Join(", ", Protocols)}");
        }

        return tags;
    }

    /// <summary>An outbound's tags: a service is needed.</summary>
    public static TagSet OutboundTags(ObjectReader outbound, ProblemList problems)
    {
        var tags = Read(outbound, "tags", problems, ProblemOfValue);
        if (!tags.ContainsKey(TagSet.ServiceTag))
            outbound.Report("tags", $"mandatory tag \"{TagSet.ServiceTag}\" is missing");
        return tags;
    }

    /// <summary>A selector's tags: one is needed, and <c>*</c> stands for any value.</summary>
    public static TagSet SelectorTags(ObjectReader selector, ProblemList problems)
    {
        var tags = Read(selector, "match", problems, ProblemOfSelectorValue);
        if (selector.IsEmpty("match"))
            selector.Report("match", "must have at least one tag");
        return tags;
    }

    private static TagSet Read(ObjectReader reader, string field, ProblemList problems, Func<string, string, string?> problemOfValue)
    {
        var entries = reader.Texts(field);
        foreach (var (tag, value, path) in entries)
        {
            if (tag.Length == 0)
                problems.Add(reader.PathOf(field), "tag name must be non-empty");
            else if (ProblemOfTagName(tag) is { } name)
                problems.Add(path, name);
            if (value is not null && problemOfValue(tag, value) is { } problem)
                problems.Add(path, problem);
        }

        return TagSet.Of(entries.Select(e => KeyValuePair.Create(e.Key, e.Value ?? "")));
    }

    private static string? ProblemOfTagName(string tag)
    {
        if (tag.Length > Longest)
            return TooLong;
        if (!TagCharacters().IsMatch(tag))
            return BadName;
        var parts = tag.Split('/');
        if (parts[0].Contains(':', StringComparison.Ordinal))
            return "tag name must not have a colon before its first slash";
        return parts.Any(IsEmptyOrDots) ? "tag name must not have a part that is empty, '.' or '..' between slashes" : null;
    }

    private static string? ProblemOfValue(string tag, string value) => value switch
    {
        "" => "tag value must be non-empty",
        { Length: > Longest } => TooLong,
        _ when !ValueCharacters().IsMatch(value) => BadValue,
        "." or ".." => "tag value must not be '.' or '..'",
        _ when tag == TagSet.ServiceTag && value.Contains(':', StringComparison.Ordinal) => "the name of a service must not have a colon",
        _ => null,
    };

    private static string? ProblemOfSelectorValue(string tag, string value) => value switch
    {
        Selector.Any => null,
        _ when ProblemOfValue(tag, value) is { } problem => problem == BadValue ? BadSelectorValue : problem,
        _ => null,
    };

    private static bool IsEmptyOrDots(string part) => part is "" or "." or "..";

    [GeneratedRegex(@"^[a-zA-Z0-9.\-_:/]+\z")]
    private static partial Regex TagCharacters();

    [GeneratedRegex(@"^[a-zA-Z0-9.\-_:]+\z")]
    private static partial Regex ValueCharacters();
}
