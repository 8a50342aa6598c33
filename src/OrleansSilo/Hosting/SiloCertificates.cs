using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace OrleansMesh.OrleansSilo.Hosting;

/// <summary>Who may connect to a silo: whoever has a certificate of the silos' own authority. Names do not count, since silos find each other by address.</summary>
internal static class SiloCertificates
{
    public static void Configure(TlsOptions options, SiloTls tls)
    {
        options.LocalCertificate = tls.Certificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, _) => IsOfSilo(certificate, tls.Authority);
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = "orleansmesh-silo";
    }

    internal static bool IsOfSilo(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
