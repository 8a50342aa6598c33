using System.Text.RegularExpressions;
using OrleansMesh.Cli.Documents;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.Proxies;

/// <summary>A file with one Dataplane, in which <c>{{ name }}</c> stands for a value that is given when the proxy starts.</summary>
internal static partial class DataplaneTemplate
{
    /// <exception cref="CommandFailedException">A value is missing, or the file holds no valid Dataplane.</exception>
    public static Dataplane Read(DocumentFile file, IReadOnlyDictionary<string, string> values)
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var text = Variable().Replace(file.Text, match =>
        {
            var name = match.Groups["name"].Value;
            if (values.TryGetValue(name, out var value))
                return value;
            missing.Add(name);
            return "";
        });
        if (missing.Count > 0)
            throw new CommandFailedException($"{file.Name} needs a value for {string.Join(", ", missing)}; give it by --dataplane-var NAME=VALUE");
        return ResourceDocument.Read([file with { Text = text }]) switch
        {
            [{ Resource: Dataplane dataplane }] => dataplane,
            [var other] => throw new CommandFailedException($"{file.Name} holds a {other.Resource.Type.Name}; expected a Dataplane"),
            _ => throw new CommandFailedException($"{file.Name} holds several documents; expected one Dataplane"),
        };
    }

    [GeneratedRegex(@"\{\{\s*(?<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}")]
    private static partial Regex Variable();
}
