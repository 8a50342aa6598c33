namespace OrleansMesh.Grains.Authorities;

/// <summary>What the private keys of authorities are sealed for.</summary>
public static class AuthorityKeyPurpose
{
    /// <param name="key">The authority's grain: <c>{mesh}/{backend}</c>.</param>
    public static string Of(string key) => $"ca/{key}/authority-key";
}
