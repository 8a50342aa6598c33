using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>What is new about the resources of one type that exist for a proxy.</summary>
/// <param name="Type">The type URL.</param>
/// <param name="Complete">
/// With this change everything that exists of the type has been told, and from then on stays told: a name that was never mentioned, is not
/// <see cref="Pending"/>, and that the client asks for is answered as not existing. False for a type whose resources are looked up as the
/// client asks for them: then only names in <see cref="Removed"/> are known not to exist, and the client is left waiting for the others.
/// </param>
public sealed record TypeChange(string Type, bool Complete)
{
    /// <summary>Resources that are new or have changed.</summary>
    public IReadOnlyCollection<EncodedResource> Upserted { get; init; } = [];

    /// <summary>Names that do not exist, or exist no longer.</summary>
    public IReadOnlyCollection<string> Removed { get; init; } = [];

    /// <summary>Names that do not exist yet and soon will, such as a certificate that is being issued: the client is left waiting for them.</summary>
    public IReadOnlyCollection<string> Pending { get; init; } = [];
}
