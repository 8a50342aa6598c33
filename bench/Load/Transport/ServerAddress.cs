using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMesh.Load.Transport;

/// <summary>Where sidecars connect to, and how they know that it is the right server.</summary>
internal sealed record ServerAddress(string Host, int Port, SslClientAuthenticationOptions Tls)
{
    /// <summary>
    /// Trusts that authority and no other. A sidecar that connects for the first time has no session to resume, so none is resumed here: to let 2,000
    /// sidecars share one would spare the server most of the cost of its handshakes.
    /// </summary>
    /// <param name="authorityPem">The authority's certificate, or several.</param>
    public static ServerAddress Trusting(string authorityPem, string host, int port) => new(host, port, new SslClientAuthenticationOptions
    {
        TargetHost = host,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        CertificateChainPolicy = TrustIn(authorityPem),
        AllowTlsResume = false,
    });

    /// <summary>The same trust for requests that are not streams.</summary>
    public static X509ChainPolicy TrustIn(string authorityPem)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPem(authorityPem);
        return policy;
    }
}
