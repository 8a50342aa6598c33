using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Tokens;

/// <summary>Adds a key to a keyring, whoever's it is.</summary>
internal static class KeyAddition
{
    /// <param name="imported">Null: the key is made here, and named by the next number.</param>
    /// <param name="decide">Has the keyring's owner take it.</param>
    public static async Task<CommandResult> AddAsync(
        ISecretVault vault, TokenKeyring ring, string purpose, ImportedSigningKey? imported, Func<TokenSigningKey, Task<CommandResult>> decide)
    {
        var key = imported is null
            ? await SigningKeys.MakeAsync(vault, ring.NextKeyId, purpose)
            : await SigningKeys.ImportAsync(vault, imported.KeyId, imported.Pem, purpose);
        if (key is null)
            return new CommandResult(Outcome.Refused, 0, [new FieldProblem("data", "expected an RSA private key of at least 2048 bits, PEM")]);
        var result = await decide(key);
        if (result.Outcome != Outcome.Changed)
            await vault.DestroyAsync(key.PrivateKey.KeyId);
        return result;
    }
}
