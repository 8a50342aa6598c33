namespace OrleansMesh.Domain.Events;

/// <summary>A secret as an event holds it: AES-256-GCM under a data key of its own that is kept beside the log, never in it. Values in base64.</summary>
/// <param name="KeyId">Names the data key.</param>
public sealed record SealedSecret(string KeyId, string Nonce, string Ciphertext, string Tag)
{
    // What is printed by chance, such as in a log, names the key and nothing else.
    public override string ToString() => $"sealed under {KeyId}";
}
