using System.Text;
using System.Text.Json;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Cli.ControlPlane;

/// <summary>Why the control plane refused, as an RFC 7807 problem document with the invalid fields of Kuma's API.</summary>
internal sealed record ProblemDocument(string Title, string Detail, IReadOnlyList<FieldProblem> Fields)
{
    /// <summary>Null when the text is no problem document.</summary>
    public static ProblemDocument? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "title") is not { Length: > 0 } title)
                return null;
            var fields = FieldsOf(root, "invalid_parameters", "reason");
            return new(title, Text(root, "detail") ?? Text(root, "details") ?? "", fields.Count > 0 ? fields : FieldsOf(root, "causes", "message"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>One line, and another for each invalid field.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Title);
        if (Detail.Length > 0 && Detail != Title)
            text.Append(": ").Append(Detail);
        foreach (var field in Fields)
            text.Append(Environment.NewLine).Append("  ").Append(field);
        return text.ToString();
    }

    private static List<FieldProblem> FieldsOf(JsonElement root, string list, string reason)
    {
        if (!root.TryGetProperty(list, out var items) || items.ValueKind != JsonValueKind.Array)
            return [];
        return [.. items.EnumerateArray()
            .Where(item => item.ValueKind == JsonValueKind.Object)
            .Select(item => new FieldProblem(Text(item, "field") ?? "", Text(item, reason) ?? ""))];
    }

    private static string? Text(JsonElement item, string name)
        => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
