using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMesh.Grains.Authorities;

/// <summary>A workload's public key, of a kind that authorities sign: P-256, or RSA of as many bits as a mesh may ask for.</summary>
/// <param name="RsaBits">Bits of an RSA key; null for P-256.</param>
internal sealed record WorkloadKey(PublicKey PublicKey, int? RsaBits)
{
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>What the key may be used for in TLS. Source: RFC 5280, section 4.2.1.3; RFC 8446, section 4.4.2.2 asks for digitalSignature.</summary>
    public X509KeyUsageFlags Usage
        => X509KeyUsageFlags.DigitalSignature | (RsaBits is null ? X509KeyUsageFlags.KeyAgreement : X509KeyUsageFlags.KeyEncipherment);

    /// <param name="subjectPublicKeyInfo">DER.</param>
    /// <exception cref="InvalidOperationException">It is no key of these kinds.</exception>
    public static WorkloadKey Read(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        try
        {
            var key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out var read);
            using var ecdsa = key.GetECDsaPublicKey();
            using var rsa = key.GetRSAPublicKey();
            if (read == subjectPublicKeyInfo.Length && (ecdsa?.ExportParameters(false).Curve.Oid.Value == P256 || rsa?.KeySize is >= 2048 and <= 8192))
                return new WorkloadKey(key, rsa?.KeySize);
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException("expected a P-256 or an RSA public key", e);
        }

        throw new InvalidOperationException("expected a P-256 public key, or an RSA one of 2048 to 8192 bits");
    }
}
