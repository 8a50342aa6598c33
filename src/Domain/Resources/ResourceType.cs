namespace OrleansMesh.Domain.Resources;

/// <summary>Where a resource's name has to be unique.</summary>
public enum ResourceScope
{
    Global,
    Mesh,
}

/// <summary>A type of resource.</summary>
/// <param name="Name">As documents name it: <c>TrafficPermission</c>.</param>
/// <param name="Singular">As a command line names one: <c>traffic-permission</c>.</param>
/// <param name="Plural">As the REST API's paths name all: <c>traffic-permissions</c>.</param>
/// <param name="ShortName">As resource identifiers name it (<c>kri_dp_…</c>); null: its resources have no identifier.</param>
public sealed record ResourceType(string Name, string Singular, string Plural, ResourceScope Scope, string? ShortName)
{
    /// <summary>Whether its resources hold what is told to few: <c>Secret</c> and <c>GlobalSecret</c>.</summary>
    public bool IsSecret => Name is "Secret" or "GlobalSecret";

    /// <summary>The resource's identifier, <c>kri_{type}_{mesh}_{zone}_{namespace}_{name}_{section}</c>; null where the type has none.</summary>
    /// <remarks>Source: Kuma's <c>pkg/core/kri</c>. Zone, namespace and section are always empty here.</remarks>
    public string? IdentifierOf(IResource resource)
        => ShortName is null ? null : $"kri_{ShortName}_{resource.Mesh}___{resource.Name}_";

    public override string ToString() => Name;
}
