using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.ControlPlanes;
using OrleansMesh.Domain.Events;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using SealedSecret = OrleansMesh.EventStore.Secrets.SealedSecret;

namespace OrleansMesh.Silo.Tls;

/// <summary>
/// The authority that vouches for the dp-servers of all servers that share a log, so that a proxy which trusts one trusts each. It is made once, by whichever
/// server comes first, and kept in the log, its key sealed: a server that is added needs nothing but the log and the key-encryption key.
/// </summary>
internal static class SharedAuthority
{
    public const string Stream = "control-plane/dp-server";

    private const string Purpose = $"{Stream}/authority-key";

    /// <summary>The authority with its private key.</summary>
    /// <exception cref="SecretUnavailableException">Its key cannot be had.</exception>
    /// <exception cref="EventStoreUnavailableException">The log cannot be read or written now.</exception>
    public static async Task<X509Certificate2> OpenAsync(IEventStore log, ISecretVault vault, DateTimeOffset now)
    {
        DpServerAuthorityMade? made;
        while ((made = await FindAsync(log)) is null)
            await MakeAsync(log, vault, now);
        var secret = await vault.UnsealAsync(
            new(made.PrivateKey.KeyId, made.PrivateKey.Nonce, made.PrivateKey.Ciphertext, made.PrivateKey.Tag), Purpose);
        try
        {
            using var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(secret, out _);
            using var certificate = X509Certificate2.CreateFromPem(made.CertificatePem);
            return certificate.CopyWithPrivateKey(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static async Task<DpServerAuthorityMade?> FindAsync(IEventStore log)
    {
        await foreach (var recorded in log.ReadStreamAsync(Stream))
        {
            return EventCodec.Decode(recorded.Type, recorded.Data.Span) as DpServerAuthorityMade
                ?? throw new UnreadableEventException($"stream '{Stream}': '{recorded.Type}' is not its first event");
        }

        return null;
    }

    private static async Task MakeAsync(IEventStore log, ISecretVault vault, DateTimeOffset now)
    {
        using var authority = DpServerCertificate.MakeAuthority(now);
        using var key = authority.GetECDsaPrivateKey()!;
        var secret = key.ExportPkcs8PrivateKey();
        SealedSecret kept;
        try
        {
            kept = await vault.SealAsync(secret, Purpose);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        var (type, data) = EventCodec.Encode(
            new DpServerAuthorityMade(authority.ExportCertificatePem(), new(kept.KeyId, kept.Nonce, kept.Ciphertext, kept.Tag)));
        try
        {
            await log.AppendAsync([new(Stream, 0, [new NewEvent(type, data, new EventContext("system", now, Causes.Start))])]);
        }
        catch (WrongExpectedVersionException)
        {
            // Another server was first: its authority counts.
            await vault.DestroyAsync(kept.KeyId);
        }
    }
}
