using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>A response that the client has not answered.</summary>
/// <param name="Changes">What differs for the client when it accepts.</param>
internal sealed record InFlight(string Nonce, IReadOnlyList<SentChange> Changes)
{
    public bool Adds { get; } = Changes.Any(change => change.Resource is not null);
}

/// <summary>What one response does to one name.</summary>
/// <param name="Resource">What was sent; null when it was taken away.</param>
/// <param name="Previous">What the client had before, if it had it.</param>
/// <param name="WasAsked">The client had asked for it.</param>
internal sealed record SentChange(string Name, EncodedResource? Resource, EncodedResource? Previous, bool WasAsked);
