using OrleansMesh.EventStore.Secrets;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>A vault that is shut when a test wants it to be.</summary>
internal sealed class FaultyVault(ISecretVault inner) : ISecretVault
{
    public bool IsShut { get; set; }

    public Task<SealedSecret> SealAsync(ReadOnlyMemory<byte> secret, string purpose, CancellationToken cancellationToken = default)
        => Open().SealAsync(secret, purpose, cancellationToken);

    public Task<byte[]> UnsealAsync(SealedSecret secret, string purpose, CancellationToken cancellationToken = default)
        => Open().UnsealAsync(secret, purpose, cancellationToken);

    public Task DestroyAsync(string keyId, CancellationToken cancellationToken = default) => Open().DestroyAsync(keyId, cancellationToken);

    private ISecretVault Open() => IsShut ? throw new SecretUnavailableException("the test has the vault shut") : inner;
}
