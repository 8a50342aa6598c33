namespace OrleansMesh.Translation;

/// <summary>Identities as they stand in workload certificates. Source: SPIFFE-ID 1.0, and Kuma for the tags.</summary>
internal static class SpiffeIds
{
    /// <summary>What every workload of the mesh begins with.</summary>
    public static string Prefix(string mesh) => $"spiffe://{mesh}/";

    public static string Of(string mesh, string service) => $"spiffe://{mesh}/{service}";

    public static string OfTag(string tag, string value) => $"kuma://{tag}/{value}";
}
