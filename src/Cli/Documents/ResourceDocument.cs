using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.Documents;

/// <summary>A valid resource and where it was read.</summary>
internal sealed record ResourceDocument(IResource Resource, string Place)
{
    /// <summary>Every document of the files, in order.</summary>
    /// <exception cref="CommandFailedException">Some are not valid: the message names the file, document and field of each problem. Or there are none.</exception>
    public static IReadOnlyList<ResourceDocument> Read(IReadOnlyList<DocumentFile> files)
    {
        var documents = new List<ResourceDocument>();
        var problems = new List<string>();
        foreach (var file in files)
        {
            var results = ResourceReader.Read(file.Text, FormatOf(file.Name));
            for (var i = 0; i < results.Count; i++)
            {
                var place = results.Count == 1 ? file.Name : $"{file.Name}, document {i + 1}{(results[i].Line > 1 ? $" (line {results[i].Line})" : "")}";
                if (results[i].Resource is { } resource)
                    documents.Add(new(resource, place));
                else
                    problems.AddRange(results[i].Problems.Select(problem => $"{place}{Subject(results[i])}: {problem}"));
            }
        }

        if (problems.Count > 0)
            throw new CommandFailedException($"{(problems.Count == 1 ? "there is a problem" : $"there are {problems.Count} problems")}, and nothing was changed:{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", problems)}");
        return documents.Count > 0 ? documents : throw new CommandFailedException($"there is no document in {string.Join(", ", files.Select(file => file.Name))}");
    }

    private static string Subject(ReadResult result)
        => result is { Type: { } type, Name.Length: > 0 } ? $", {type.Singular} '{result.Name}'" : "";

    private static DocumentFormat FormatOf(string fileName)
        => Path.GetExtension(fileName).ToUpperInvariant() switch
        {
            ".JSON" => DocumentFormat.Json,
            ".YAML" or ".YML" => DocumentFormat.Yaml,
            _ => DocumentFormat.Auto,
        };
}
