using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Resources;

/// <summary>
/// Shuts a proxy out of its mesh for as long as this exists: every other proxy refuses it although its certificate is valid, its token is refused,
/// its endpoints are withdrawn.
/// </summary>
/// <param name="Proxy">The name of the Dataplane that is shut out. There need not be one: certificates outlive it.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record ProxyQuarantine(string Mesh, string Name, string Proxy, string? Reason = null) : IResource
{
    /// <summary>Labels as the client gave them.</summary>
    public TagSet Labels { get; init; } = TagSet.Empty;

    ResourceType IResource.Type => ResourceTypes.ProxyQuarantine;
}
