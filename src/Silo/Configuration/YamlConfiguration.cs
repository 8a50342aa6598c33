using OrleansMesh.Domain.Values;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrleansMesh.Silo.Configuration;

/// <summary>A configuration file: YAML whose keys are the parts of the settings' paths.</summary>
public static class YamlConfiguration
{
    /// <param name="name">The file's name, for messages.</param>
    public static ConfigurationLayer Read(string yaml, string name)
    {
        var values = new Dictionary<string, GivenValue>(StringComparer.Ordinal);
        var problems = new List<FieldProblem>();
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            return new(values, [new(name, $"expected YAML; line {e.Start.Line}: {e.Message}")]);
        }

        if (stream.Documents.Count > 1)
            problems.Add(new(name, "expected one document"));
        if (stream.Documents.Count > 0)
            ReadNode(stream.Documents[0].RootNode, "");
        return new(values, problems.ToValueList());

        void ReadNode(YamlNode node, string path)
        {
            var setting = Settings.All.FirstOrDefault(s => s.Path == path);
            var isSection = path.Length == 0 || Settings.All.Any(s => s.Path.StartsWith(path + ".", StringComparison.Ordinal));
            if (setting is not null && ValueOf(node) is { } value)
                values[path] = new(value, $"line {node.Start.Line} of {name}");
            else if (isSection && node is YamlMappingNode mapping)
                ReadMapping(mapping, path);
            else if (isSection && node is YamlScalarNode { Value: null or "" })
                return;
            else if (setting is not null || isSection)
                problems.Add(new(path.Length == 0 ? name : path, $"expected {(isSection ? "a mapping" : "a value")} (line {node.Start.Line} of {name})"));
            else
                problems.Add(new(path, $"no such setting (line {node.Start.Line} of {name})"));
        }

        void ReadMapping(YamlMappingNode mapping, string path)
        {
            foreach (var (key, value) in mapping.Children)
                ReadNode(value, path.Length == 0 ? $"{key}" : $"{path}.{key}");
        }
    }

    // A list may be written as a YAML sequence as well as in one line.
    private static string? ValueOf(YamlNode node) => node switch
    {
        YamlScalarNode scalar => scalar.Value ?? "",
        YamlSequenceNode sequence when sequence.Children.All(c => c is YamlScalarNode) => string.Join(',', sequence.Children.Select(c => $"{c}")),
        _ => null,
    };

    /// <summary>Writes a configuration as such a file.</summary>
    /// <param name="values">By path; what is not there has its default.</param>
    public static string Write(IReadOnlyDictionary<string, GivenValue> values)
    {
        var yaml = new StringWriter { NewLine = "\n" };
        var section = "";
        foreach (var setting in Settings.All)
        {
            var parts = setting.Path.Split('.');
            if (parts.Length == 2 && parts[0] != section)
                yaml.WriteLine($"{parts[0]}:");
            section = parts.Length == 2 ? parts[0] : "";
            var given = values.GetValueOrDefault(setting.Path);
            var indent = parts.Length == 2 ? "  " : "";
            yaml.WriteLine($"{indent}{parts[^1]}: {Scalar(given?.Text ?? setting.Default)}  # {(given is null ? "default" : given.Origin)}; {setting.Description}");
        }

        return yaml.ToString();
    }

    // Plain where YAML reads back the same text, quoted elsewhere.
    private static string Scalar(string text)
        => text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '-' or '_' or ',')
            ? text
            : $"\"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
