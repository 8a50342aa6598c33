using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>A response to be sent now.</summary>
/// <param name="Type">The type URL.</param>
/// <param name="Nonce">Unique in its stream.</param>
/// <param name="Version">The version of the type in the state-of-the-world variant; empty in delta, where every resource has its own.</param>
/// <param name="Resources">By ordinal order of the name.</param>
/// <param name="Removed">Names, ordered; delta only.</param>
/// <param name="Segments">
/// The message as it travels, a <c>DiscoveryResponse</c> or <c>DeltaDiscoveryResponse</c>: these pieces one after the other, among them
/// the resources' own bytes, which are shared and were not copied.
/// </param>
public sealed record AdsResponse(
    string Type,
    string Nonce,
    string Version,
    IReadOnlyList<EncodedResource> Resources,
    IReadOnlyList<string> Removed,
    IReadOnlyList<ReadOnlyMemory<byte>> Segments);
