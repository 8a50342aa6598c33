using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OrleansMesh.Domain.Reading;

/// <summary>What a YAML scalar means. Source: YAML 1.2.2, section 10.3.2, "Core Schema, Tag Resolution".</summary>
internal static partial class YamlCoreSchema
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    /// <exception cref="FormatException">The scalar has a tag that is not the core schema's, or a value that JSON has no number for.</exception>
    public static JsonValue? ToJson(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty ? null : scalar.Tag.Value;
        if (tag is "!" or TagPrefix + "str" || (tag is null && scalar.Style is not ScalarStyle.Plain))
            return JsonValue.Create(scalar.Value);
        var (type, value) = Resolve(scalar.Value);
        return tag is null || tag == TagPrefix + type || (tag == TagPrefix + "float" && type == "int")
            ? value
            : throw new FormatException($"the tag '{tag}' does not fit '{scalar.Value}'; only the tags of YAML's core schema are known");
    }

    private static (string Type, JsonValue? Value) Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return ("null", null);
            case "true" or "True" or "TRUE":
                return ("bool", JsonValue.Create(true));
            case "false" or "False" or "FALSE":
                return ("bool", JsonValue.Create(false));
        }

        if (Integer().IsMatch(text))
            return ("int", Number(decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) ? integer : null, text));
        if (Octal().IsMatch(text) || Hexadecimal().IsMatch(text))
            return ("int", Number(Based(text), text));
        if (Float().IsMatch(text))
            return ("float", Number(decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null, text));
        return NotANumber().IsMatch(text)
            ? throw new FormatException($"'{text}' is not a number that JSON has; put it in quotes if it is meant as text")
            : ("str", JsonValue.Create(text));
    }

    private static decimal? Based(string text)
    {
        var digits = text.AsSpan(2);
        if (text[1] == 'x')
            return ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal) ? hexadecimal : null;
        decimal octal = 0;
        foreach (var digit in digits)
        {
            octal = (octal * 8) + (digit - '0');
            if (octal > ulong.MaxValue)
                return null;
        }

        return octal;
    }

    private static JsonValue Number(decimal? value, string text)
        => JsonValue.Create(value ?? throw new FormatException($"the number {text} is too large; put it in quotes if it is meant as text"));

    [GeneratedRegex(@"^[-+]?[0-9]+\z")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^0o[0-7]+\z")]
    private static partial Regex Octal();

    [GeneratedRegex(@"^0x[0-9a-fA-F]+\z")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Float();

    [GeneratedRegex(@"^([-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN)\z")]
    private static partial Regex NotANumber();
}
