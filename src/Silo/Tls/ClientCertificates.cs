using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Tls;

/// <summary>Verifies clients' certificates in the API's TLS handshake, against authorities that the operator names. Nobody has to have one.</summary>
internal sealed class ClientCertificates
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authorities = [];

    private ClientCertificates(string file) => _authorities.ImportFromPemFile(file);

    /// <summary>Null when no authority is configured.</summary>
    /// <exception cref="ServerStartException">The file cannot be read or holds no certificate.</exception>
    public static ClientCertificates? Open(ApiTlsConfiguration configuration)
    {
        if (configuration.ClientAuthorityFile is not { } file)
            return null;
        try
        {
            var opened = new ClientCertificates(file);
            return opened._authorities.Count > 0 ? opened : throw new CryptographicException("it holds no certificate");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ServerStartException($"{Settings.ApiClientCaFile.Path}: {file} cannot be used: {e.Message}", e);
        }
    }

    public void AskFor(SslServerAuthenticationOptions handshake)
    {
        handshake.ClientCertificateRequired = true;
        handshake.RemoteCertificateValidationCallback = (_, certificate, chain, _) => certificate is null || IsGood(certificate, chain);
    }

    private bool IsGood(X509Certificate certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var between in sent?.ChainElements.Skip(1) ?? [])
            chain.ChainPolicy.ExtraStore.Add(between.Certificate);
        return certificate is X509Certificate2 whole && chain.Build(whole);
    }
}
