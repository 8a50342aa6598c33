using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansMesh.Translation.Tests;

/// <summary>JSON as YAML, always in the same way: block style, text unquoted where that cannot be misread, several lines as a literal block.</summary>
internal static partial class YamlText
{
    public static string Of(JsonElement element)
    {
        var yaml = new StringBuilder();
        Write(yaml, element, 0);
        return yaml.ToString();
    }

    private static void Write(StringBuilder yaml, JsonElement element, int indent)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                yaml.Append(' ', indent).Append(Plain(property.Name)).Append(':');
                Value(yaml, property.Value, indent, property.Value.ValueKind == JsonValueKind.Array ? indent : indent + 2);
            }
        }
        else
        {
            foreach (var item in element.EnumerateArray())
            {
                yaml.Append(' ', indent).Append('-');
                Value(yaml, item, indent, indent + 2, inItem: true);
            }
        }
    }

    private static void Value(StringBuilder yaml, JsonElement value, int indent, int childIndent, bool inItem = false)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                var child = new StringBuilder();
                Write(child, value, childIndent);
                // The first field of an item stands on the item's own line.
                yaml.Append(inItem ? ' ' : '\n').Append(inItem ? child.ToString(childIndent, child.Length - childIndent) : child.ToString());
                break;
            case JsonValueKind.Object:
                yaml.Append(" {}\n");
                break;
            case JsonValueKind.Array:
                yaml.Append(" []\n");
                break;
            case JsonValueKind.String when value.GetString()!.Contains('\n'):
                yaml.Append(" |\n");
                foreach (var line in value.GetString()!.TrimEnd('\n').Split('\n'))
                    yaml.Append(' ', indent + 2).Append(line).Append('\n');
                break;
            case JsonValueKind.String:
                yaml.Append(' ').Append(Plain(value.GetString()!)).Append('\n');
                break;
            default:
                yaml.Append(' ').Append(value.GetRawText()).Append('\n');
                break;
        }
    }

    private static string Plain(string text) => Unmistakable().IsMatch(text) ? text : JsonSerializer.Serialize(text, Relaxed);

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Starts with a letter, and is none of the words that mean something else.
    [GeneratedRegex(@"^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z_/][A-Za-z0-9_./{}=,-]*(?::[A-Za-z0-9_./{}=,-]+)*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Unmistakable();
}
