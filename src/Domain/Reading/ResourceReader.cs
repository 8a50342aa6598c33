using System.Text.Json.Nodes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>
/// Reads resources and says everything that is wrong with one that is not valid. Both of Kuma's forms are read: universal (<c>type</c>,
/// <c>mesh</c>, <c>name</c> and the fields beside them) and Kubernetes (<c>apiVersion</c>, <c>kind</c>, <c>mesh</c>, <c>metadata</c>, <c>spec</c>).
/// </summary>
public static class ResourceReader
{
    /// <summary>The version that a document in Kubernetes form names.</summary>
    public const string ApiVersion = "kuma.io/v1alpha1";

    /// <summary>Reads every document of a text, in order. A syntax error ends the text: it is the last result. No result: there was no document.</summary>
    public static ValueList<ReadResult> Read(string text, DocumentFormat format = DocumentFormat.Auto)
        => Read(text, format, expected: null).ToValueList();

    /// <summary>Reads a document that has been parsed; the same name twice in an object is a problem.</summary>
    public static ReadResult Read(JsonNode? document)
    {
        try
        {
            return Read(JsonTree.Read(document?.ToJsonString() ?? "null") with { Line = 0 }, expected: null);
        }
        catch (DocumentSyntaxException e)
        {
            return Invalid(e.Message);
        }
    }

    /// <summary>Reads the one document of a request about a resource; that it is about another one is a problem too.</summary>
    public static ReadResult ReadOne(string text, DocumentFormat format, ResourceAddress expected)
    {
        var results = Read(text, format, expected);
        return results switch
        {
            [] => Invalid("there is no document"),
            [var only] => only,
            [{ Resource: not null }, { Resource: null, Type: null } second] => second,
            _ => Invalid("there is more than one document", results[1].Line),
        };
    }

    private static List<ReadResult> Read(string text, DocumentFormat format, ResourceAddress? expected)
    {
        if (text.Length > DocumentLimits.TextLength)
            return [Invalid($"is longer than {DocumentLimits.TextLength} characters")];
        var results = new List<ReadResult>();
        try
        {
            foreach (var document in Trees(WithoutByteOrderMark(text), format))
                results.Add(Read(document, expected));
        }
        catch (DocumentSyntaxException e)
        {
            results.Add(Invalid(e.Message, e.Line));
        }

        return results;
    }

    private static string WithoutByteOrderMark(string text) => text is ['\uFEFF', ..] ? text[1..] : text;

    /// <remarks>A text that begins like JSON and is not JSON may still be YAML's flow style; if it is neither, the author meant JSON.</remarks>
    private static IEnumerable<DocumentTree> Trees(string text, DocumentFormat format)
    {
        var looksLikeJson = text.AsSpan().TrimStart() is ['{' or '[', ..];
        if (format is DocumentFormat.Yaml || (format is DocumentFormat.Auto && !looksLikeJson))
            return YamlTree.Read(text);
        try
        {
            return [JsonTree.Read(text)];
        }
        catch (DocumentSyntaxException) when (format is DocumentFormat.Auto && IsYaml(text))
        {
            return YamlTree.Read(text);
        }
    }

    private static bool IsYaml(string text)
    {
        try
        {
            return YamlTree.Read(text).Any();
        }
        catch (DocumentSyntaxException)
        {
            return false;
        }
    }

    private static ReadResult Read(DocumentTree document, ResourceAddress? expected)
    {
        if (document.Root is not JsonObject root)
            return Invalid("must be an object: a resource with its type and name", document.Line);
        var problems = new ProblemList();
        var envelope = root.ContainsKey("apiVersion") || root.ContainsKey("kind")
            ? ResourceEnvelope.Kubernetes(root, problems)
            : ResourceEnvelope.Universal(root, problems);
        envelope?.RefuseOtherThan(expected, problems);
        var resource = envelope is null ? null : ReadSpec(envelope, problems);
        return new ReadResult(problems.IsEmpty ? resource : null, problems.ToValueList())
        {
            Type = envelope?.Type,
            Name = envelope?.Name,
            Line = document.Line,
        };
    }

    private static IResource ReadSpec(ResourceEnvelope envelope, ProblemList problems) => envelope.Type.Name switch
    {
        nameof(Mesh) => MeshReader.Read(envelope.Spec, envelope.Name, envelope.Labels),
        nameof(Dataplane) => DataplaneReader.Read(envelope.Spec, envelope.Mesh, envelope.Name, envelope.Labels, problems),
        nameof(TrafficPermission) => TrafficPermissionReader.Read(envelope.Spec, envelope.Mesh, envelope.Name, envelope.Labels, problems),
        "Secret" => SecretReader.Read(envelope.Spec, envelope.Mesh, envelope.Name, envelope.Labels),
        "GlobalSecret" => SecretReader.Read(envelope.Spec, null, envelope.Name, envelope.Labels),
        nameof(AccessRole) => AccessReader.ReadRole(envelope.Spec, envelope.Name, envelope.Labels),
        nameof(AccessRoleBinding) => AccessReader.ReadBinding(envelope.Spec, envelope.Name, envelope.Labels),
        _ => throw new InvalidOperationException($"{envelope.Type} has no reader"),
    };

    private static ReadResult Invalid(string problem, int line = 0) => new(null, [new FieldProblem("", problem)]) { Line = line };
}
