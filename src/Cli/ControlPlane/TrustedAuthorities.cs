using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMesh.Cli.ControlPlane;

/// <summary>Authorities that vouch for a server, instead of those of the system.</summary>
internal static class TrustedAuthorities
{
    /// <param name="pem">PEM certificates, the text of the file of <c>--ca-cert-file</c>.</param>
    /// <exception cref="CommandFailedException">There is none, or one cannot be read.</exception>
    public static X509ChainPolicy Only(string pem)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPem(pem);
        }
        catch (CryptographicException failure)
        {
            throw new CommandFailedException($"the file of --ca-cert-file holds a certificate that cannot be read: {failure.Message}", failure);
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw new CommandFailedException("the file of --ca-cert-file holds no PEM certificate");
    }
}
