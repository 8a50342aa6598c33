using OrleansMesh.Domain.Proxies;
using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>A certificate and its private key, for the memory of one session only.</summary>
/// <param name="Secret">As Envoy is sent it.</param>
internal sealed record SignedIdentity(CertificateRecord Certificate, EncodedResource Secret)
{
    public override string ToString() => $"certificate {Certificate.Serial}";
}
