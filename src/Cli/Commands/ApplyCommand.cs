using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Cli.Documents;
using OrleansMesh.Cli.Output;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>apply -f FILE|-|DIR</c>.</summary>
internal sealed class ApplyCommand : Command
{
    private readonly Terminal _terminal;

    public ApplyCommand(Terminal terminal, SharedOptions shared)
        : base("apply", "Creates or changes resources. Changes nothing when one of the documents is not valid.")
    {
        _terminal = terminal;
        var place = new Option<string>("--filename", "-f")
        {
            Description = "A file with YAML or JSON documents; '-' for standard input; a folder for its .yaml, .yml and .json files in the order of their names.",
            HelpName = "FILE|-|DIR",
            Required = true,
        };
        Add(place);
        SetAction(async (parsed, cancellation) =>
        {
            var files = await DocumentFile.ReadAsync(parsed.GetRequiredValue(place), terminal.In, cancellation);
            var documents = ResourceDocument.Read(files);
            if (shared.NamedMesh(parsed) is { } mesh && documents.FirstOrDefault(document => document.Resource.Mesh is { } other && other != mesh) is { } stray)
                throw new CommandFailedException($"{stray.Place}: mesh: --mesh says '{mesh}', and the document '{stray.Resource.Mesh}' (which is also the mesh of a document that names none). Nothing was changed.");
            using var controlPlane = shared.Connect(parsed);
            await ApplyAsync(controlPlane, InOrderOfNeed(documents), parsed.GetValue(shared.Output), cancellation);
            return Meshctl.Done;
        });
    }

    /// <summary>Resources after those that they need, otherwise as they were given.</summary>
    private static ResourceDocument[] InOrderOfNeed(IReadOnlyList<ResourceDocument> documents)
        => [.. documents.OrderBy(document => ResourceTypes.All.ToList().IndexOf(document.Resource.Type))];

    private async Task ApplyAsync(ControlPlaneClient controlPlane, ResourceDocument[] documents, OutputFormat format, CancellationToken cancellation)
    {
        var results = new List<JsonObject>();
        foreach (var (resource, place) in documents)
        {
            var mesh = resource.Mesh ?? resource.Name;
            var title = resource.Type.Title(mesh, resource.Name);
            PutAnswer answer;
            try
            {
                answer = await controlPlane.PutAsync(resource.Type.PathOf(mesh, resource.Name), ResourceWriter.Write(resource).ToJsonString(), cancellation);
            }
            catch (CommandFailedException failure)
            {
                var done = results.Count == 0 ? "Nothing was changed." : $"Applied before that: {results.Count} of {documents.Length}.";
                throw new CommandFailedException($"{place}: {title}: {failure.Message}{Environment.NewLine}{done}", failure);
            }

            var outcome = answer.Created ? "created" : "applied";
            results.Add(new JsonObject
            {
                ["type"] = resource.Type.Name,
                ["mesh"] = resource.Mesh,
                ["name"] = resource.Name,
                ["outcome"] = outcome,
                ["warnings"] = new JsonArray([.. answer.Warnings.Select(warning => (JsonNode)warning)]),
            });
            if (format == OutputFormat.Table)
                await _terminal.Out.WriteLineAsync($"{title} {outcome}");
            foreach (var warning in answer.Warnings)
                await _terminal.Error.WriteLineAsync($"warning: {title}: {warning}");
        }

        if (format != OutputFormat.Table)
            ResultText.WriteList(_terminal, format, results);
    }
}
