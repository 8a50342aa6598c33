namespace OrleansMesh.Domain.Proxies;

/// <summary>What an Envoy holds of its trust and its certificate.</summary>
/// <param name="Bundle">Names the trust bundle. See <see cref="Meshes.MeshTrust.BundleId"/>.</param>
/// <param name="Authority">The identity of the authority that signed the certificate that it presents; null when that is not known.</param>
public sealed record HeldSecrets(string Bundle, string? Authority = null);
