using System.Security.Cryptography;
using System.Text;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.Grains.EventSourcing;

namespace OrleansMesh.Grains.Tokens;

/// <summary>Makes, seals and uses the keys that sign tokens.</summary>
internal static class SigningKeys
{
    private const int Bits = 2048;

    /// <summary>Makes a key. That takes a while, so it is done off the grain's turns.</summary>
    /// <param name="purpose">What it is sealed for.</param>
    public static async Task<TokenSigningKey> MakeAsync(ISecretVault vault, string keyId, string purpose)
    {
        using var key = await Task.Run(() => RSA.Create(Bits));
        return await SealAsync(vault, keyId, key, purpose);
    }

    /// <summary>Takes a key that was made elsewhere.</summary>
    /// <returns>Null when it is not an RSA private key of at least 2048 bits in PEM.</returns>
    public static async Task<TokenSigningKey?> ImportAsync(ISecretVault vault, string keyId, SecretData pem, string purpose)
    {
        using var key = RSA.Create();
        var text = new char[Encoding.UTF8.GetCharCount(pem.Bytes)];
        try
        {
            Encoding.UTF8.GetChars(pem.Bytes, text);
            key.ImportFromPem(text);
            _ = key.ExportParameters(includePrivateParameters: true).D ?? throw new CryptographicException("the key is a public one");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return null;
        }
        finally
        {
            Array.Clear(text);
        }

        return key.KeySize < Bits ? null : await SealAsync(vault, keyId, key, purpose);
    }

    /// <summary>Signs these claims.</summary>
    /// <exception cref="SecretUnavailableException">The key cannot be unsealed.</exception>
    public static async Task<string> SignAsync(ISecretVault vault, TokenSigningKey key, string purpose, byte[] claims)
    {
        var secret = await vault.UnsealAsync(key.PrivateKey, purpose);
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(secret, out _);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        return SignedToken.Make(claims, key.KeyId, rsa);
    }

    private static async Task<TokenSigningKey> SealAsync(ISecretVault vault, string keyId, RSA key, string purpose)
    {
        var secret = key.ExportPkcs8PrivateKey();
        try
        {
            return new(keyId, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), await vault.SealForEventAsync(secret, purpose));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
