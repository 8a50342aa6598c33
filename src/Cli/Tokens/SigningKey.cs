using System.Security.Cryptography;
using OrleansMesh.Domain.Tokens;

namespace OrleansMesh.Cli.Tokens;

/// <summary>A private key on this machine that signs tokens: the control plane knows its public key and takes what it signs.</summary>
/// <param name="File">Holds it, PEM: RSA, or P-256.</param>
/// <param name="KeyId">Under which the control plane knows its public key.</param>
internal sealed record SigningKey(string File, string KeyId)
{
    /// <summary>A new key, PEM.</summary>
    public static string Make()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>The public key, PEM.</summary>
    /// <exception cref="CommandFailedException">The file cannot be read or holds no private key.</exception>
    public static string PublicKeyOf(string file)
    {
        using var key = Open(file);
        return key.ExportSubjectPublicKeyInfoPem() + "\n";
    }

    /// <exception cref="CommandFailedException">The file cannot be read or holds no private key.</exception>
    public string Sign(byte[] claims)
    {
        using var key = Open(File);
        return key is RSA rsa ? SignedToken.Make(claims, KeyId, rsa) : SignedToken.Make(claims, KeyId, (ECDsa)key);
    }

    private static AsymmetricAlgorithm Open(string file)
    {
        try
        {
            var pem = System.IO.File.ReadAllText(file);
            var rsa = RSA.Create();
            try
            {
                rsa.ImportFromPem(pem);
                return rsa;
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                rsa.Dispose();
            }

            var curve = ECDsa.Create();
            curve.ImportFromPem(pem);
            return curve.KeySize == 256 ? curve : throw new CryptographicException("expected RSA or P-256");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CommandFailedException($"{file} holds no private key that can be used: {e.Message}", e);
        }
    }
}
