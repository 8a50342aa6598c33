using System.Text.RegularExpressions;

namespace OrleansMesh.Domain.Reading;

/// <summary>What labels may be. Source: Kubernetes' rules for labels, which Kuma applies.</summary>
internal static partial class LabelRules
{
    /// <summary>The label with which Kuma says a resource's mesh again.</summary>
    public const string MeshLabel = "kuma.io/mesh";

    /// <summary>What is wrong with a label's name, or null.</summary>
    public static string? ProblemOfKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var prefixIsGood = slash < 0 || (slash <= 253 && Prefix().IsMatch(key[..slash]));
        return prefixIsGood && Word().IsMatch(key[(slash + 1)..])
            ? null
            : "a label's name must be at most 63 alphanumeric characters, '-', '_' or '.', start and end with an alphanumeric character, "
                + "and may have a DNS subdomain and '/' before it";
    }

    /// <summary>What is wrong with a label's value, or null.</summary>
    public static string? ProblemOfValue(string value) => value.Length == 0 || Word().IsMatch(value)
        ? null
        : "a label's value must be empty or at most 63 alphanumeric characters, '-', '_' or '.', and start and end with an alphanumeric character";

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Prefix();
}
