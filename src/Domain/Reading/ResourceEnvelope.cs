using System.Text.Json.Nodes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>What every resource says beside its own fields, in either form.</summary>
/// <param name="Mesh">Empty for a mesh.</param>
/// <param name="Spec">Reads the resource's own fields.</param>
/// <param name="TypePath">The path of the field that names the type.</param>
/// <param name="NamePath">The path of the field that gives the name.</param>
internal sealed record ResourceEnvelope(
    ResourceType Type,
    string Mesh,
    string Name,
    TagSet Labels,
    ObjectReader Spec,
    string TypePath,
    string NamePath)
{
    /// <summary>Reads the universal form. Null when the type is not known.</summary>
    public static ResourceEnvelope? Universal(JsonObject root, ProblemList problems)
    {
        var fields = new ObjectReader(root, "", problems);
        if (ReadType(fields, "type") is not { } type)
            return null;
        var mesh = ReadMesh(fields, type);
        var name = ReadName(fields, type);
        var labels = ReadLabels(fields, type, mesh, problems);
        foreach (var metadata in (ReadOnlySpan<string>)["creationTime", "modificationTime", "kri"])
            fields.Text(metadata);
        return new ResourceEnvelope(type, mesh, name, labels, fields, "type", "name");
    }

    /// <summary>Reads the Kubernetes form. Null when the type is not known.</summary>
    public static ResourceEnvelope? Kubernetes(JsonObject root, ProblemList problems)
    {
        var fields = new ObjectReader(root, "", problems);
        if (fields.Text("apiVersion") is not ResourceReader.ApiVersion)
            fields.Report("apiVersion", $"must be {ResourceReader.ApiVersion}");
        if (ReadType(fields, "kind") is not { } type)
            return null;
        var mesh = ReadMesh(fields, type);
        if (!fields.Has("metadata"))
            fields.Report("metadata", "must be defined");
        var metadata = fields.Object("metadata") ?? new ObjectReader([], "metadata", problems);
        var name = fields.Has("metadata") ? ReadName(metadata, type) : "";
        var @namespace = ReadNamespace(metadata, type);
        var labels = ReadLabels(metadata, type, mesh, problems);
        metadata.Accept(
            "annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generation", "managedFields",
            "ownerReferences", "resourceVersion", "selfLink", "uid");
        metadata.RefuseOthers();
        var spec = fields.Object("spec") ?? new ObjectReader([], "spec", problems);
        fields.RefuseOthers();
        return new ResourceEnvelope(type, mesh, @namespace is null ? name : $"{name}.{@namespace}", labels, spec, "kind", "metadata.name");
    }

    /// <summary>Notes where the document is about another resource than the request.</summary>
    public void RefuseOtherThan(ResourceAddress? expected, ProblemList problems)
    {
        if (expected is null)
            return;
        if (Name != expected.Name)
            problems.Add(NamePath, "name from the URL has to be the same as in body");
        if (Type != expected.Type)
            problems.Add(TypePath, "type from the URL has to be the same as in body");
        if (Type.Scope is ResourceScope.Mesh && Mesh != expected.Mesh)
            problems.Add("mesh", "mesh from the URL has to be the same as in body");
    }

    private static ResourceType? ReadType(ObjectReader fields, string field)
    {
        if (!fields.Has(field))
        {
            fields.Report(field, $"must be set; expected one of {string.Join(", ", ResourceTypes.All)}");
            return null;
        }

        if (fields.Text(field) is not { } name)
            return null;
        if (ResourceTypes.Find(name) is { } type)
            return type;
        fields.Report(field, KumaResourceTypes.All.Contains(name)
            ? $"'{name}' is a Kuma resource type that OrleansMesh does not support yet"
            : UnknownName.Message($"'{name}' is not a resource type", name, [.. ResourceTypes.All.Select(t => t.Name)]));
        return null;
    }

    private static string ReadMesh(ObjectReader fields, ResourceType type)
    {
        if (type.Scope is ResourceScope.Global)
            return "";
        var given = fields.Text("mesh");
        if (given is null)
            return ResourceTypes.DefaultMesh;
        if (NameRules.ProblemOfMesh(given) is { } problem)
            fields.Report("mesh", problem);
        return given;
    }

    private static string ReadName(ObjectReader fields, ResourceType type)
    {
        var given = fields.Text("name");
        var problem = given is null && fields.Has("name") ? null
            : type == ResourceTypes.Mesh ? NameRules.ProblemOfMesh(given ?? "")
            : NameRules.ProblemOfName(given ?? "");
        if (problem is not null)
            fields.Report("name", problem);
        return given ?? "";
    }

    /// <summary>The namespace of a resource that lives in one: as in Kuma it is part of the resource's name, <c>{name}.{namespace}</c>.</summary>
    private static string? ReadNamespace(ObjectReader metadata, ResourceType type)
    {
        var given = metadata.Text("namespace");
        if (given is null)
            return null;
        if (type != ResourceTypes.Dataplane)
            metadata.Report("namespace", $"a {type} is not in a namespace");
        else if (NameRules.ProblemOfName(given) is { } problem)
            metadata.Report("namespace", problem);
        return given;
    }

    private static TagSet ReadLabels(ObjectReader fields, ResourceType type, string mesh, ProblemList problems)
    {
        var labels = fields.Texts("labels");
        foreach (var (key, value, path) in labels)
        {
            if (LabelRules.ProblemOfKey(key) is { } badKey)
                problems.Add(path, badKey);
            if (value is not null && LabelRules.ProblemOfValue(value) is { } badValue)
                problems.Add(path, badValue);
            if (key == LabelRules.MeshLabel && type.Scope is ResourceScope.Mesh && value != mesh)
                problems.Add(path, $"{LabelRules.MeshLabel} label must not differ from mesh set on resource");
        }

        return TagSet.Of(labels.Select(l => KeyValuePair.Create(l.Key, l.Value ?? "")));
    }
}
