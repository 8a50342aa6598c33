using OrleansMesh.Domain.Values;

namespace OrleansMesh.Silo.Configuration;

/// <summary>A value that somebody gave to a setting.</summary>
/// <param name="Origin">Where it was given, for messages: <c>--api-port</c>, <c>line 3 of mesh.yaml</c>.</param>
public sealed record GivenValue(string Text, string Origin);

/// <summary>What one source says: values by the setting's path, and what is wrong with the source itself.</summary>
public sealed record ConfigurationLayer(IReadOnlyDictionary<string, GivenValue> Values, ValueList<FieldProblem> Problems)
{
    /// <summary>The environment's layer: every variable that starts with <see cref="Setting.VariablePrefix"/>.</summary>
    public static ConfigurationLayer OfEnvironment(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var settings = Settings.All.ToDictionary(s => s.Variable, StringComparer.Ordinal);
        var values = new Dictionary<string, GivenValue>(StringComparer.Ordinal);
        var problems = new List<FieldProblem>();
        foreach (var (name, text) in variables.Where(v => v.Key.StartsWith(Setting.VariablePrefix, StringComparison.Ordinal))
            .OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (settings.TryGetValue(name, out var setting))
                values[setting.Path] = new(text, name);
            else
                problems.Add(new(name, "no such setting; `config show` lists them"));
        }

        return new(values, problems.ToValueList());
    }
}
