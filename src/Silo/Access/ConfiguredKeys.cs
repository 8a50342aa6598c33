using System.Security.Cryptography;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Hosting;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.Silo.Access;

/// <summary>The public keys, of tokens that are signed elsewhere, that the operator configured.</summary>
/// <param name="OfUsers">Those of user tokens.</param>
/// <param name="OfDataplanes">Those of dataplane tokens.</param>
internal sealed record ConfiguredKeys(ValueList<TokenVerificationKey> OfUsers, ValueList<ConfiguredTokenKey> OfDataplanes)
{
    /// <exception cref="ServerStartException">A file cannot be read, or holds no public key that verifies tokens.</exception>
    public static ConfiguredKeys Open(ServerConfiguration configuration)
        => new(
            configuration.Api.TokenKeys.Select(k => Read(k, Settings.ApiTokenKeys)).ToValueList(),
            configuration.DpServer.TokenKeys.Select(k => new ConfiguredTokenKey(k.Mesh!, Read(k, Settings.DpServerTokenKeys))).ToValueList());

    private static TokenVerificationKey Read(TokenKeyFile file, Setting setting)
    {
        try
        {
            var pem = File.ReadAllText(file.Path);
            var label = PemEncoding.Find(pem);
            if (pem[label.Label] is not ("PUBLIC KEY" or "RSA PUBLIC KEY"))
                throw new CryptographicException($"expected a public key, found {pem[label.Label]}");
            var key = new TokenVerificationKey(file.KeyId, ValueList.Create<byte>(SubjectPublicKeyInfo(pem, pem[label.Label])));
            using var usable = TokenVerification.Import(key);
            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new ServerStartException($"{setting.Path}: the key '{file.KeyId}' cannot be had from {file.Path}: {e.Message}", e);
        }
    }

    private static byte[] SubjectPublicKeyInfo(string pem, string label)
    {
        if (label == "PUBLIC KEY")
            return Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
        using var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return rsa.ExportSubjectPublicKeyInfo();
    }
}
