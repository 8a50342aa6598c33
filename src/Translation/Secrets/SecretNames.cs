namespace OrleansMesh.Translation.Secrets;

/// <summary>Names of the secrets that every proxy of a mesh with mutual TLS asks for.</summary>
public static class SecretNames
{
    /// <summary>The proxy's own certificate and key.</summary>
    public const string Identity = "identity_cert";

    /// <summary>The certificates of the authorities that the proxy trusts.</summary>
    public const string TrustBundle = "mesh_ca";
}
