using Microsoft.Extensions.Logging;
using OrleansMesh.EventStore.Secrets;

namespace OrleansMesh.Grains.EventSourcing;

/// <summary>The vault's secrets in the domain's words: events know nothing of the vault.</summary>
internal static class SealedSecrets
{
    public static async Task<Domain.Events.SealedSecret> SealForEventAsync(this ISecretVault vault, byte[] secret, string purpose)
    {
        var it = await vault.SealAsync(secret, purpose);
        return new(it.KeyId, it.Nonce, it.Ciphertext, it.Tag);
    }

    public static Task<byte[]> UnsealAsync(this ISecretVault vault, Domain.Events.SealedSecret secret, string purpose)
        => vault.UnsealAsync(new EventStore.Secrets.SealedSecret(secret.KeyId, secret.Nonce, secret.Ciphertext, secret.Tag), purpose);

    /// <summary>Destroys the data keys of secrets that are no more. What fails is done again at the next activation.</summary>
    public static async Task DestroyRetiredAsync(this ISecretVault vault, IEnumerable<string> dataKeys, ILogger logger)
    {
        try
        {
            foreach (var key in dataKeys)
                await vault.DestroyAsync(key);
        }
        catch (Exception e)
        {
            logger.LogError(e, "The data key of a deleted secret could not be destroyed");
        }
    }
}
