using System.Text.Json.Serialization;

namespace OrleansMesh.EventStore.Secrets;

/// <summary>
/// A secret as an event may hold it: AES-256-GCM ciphertext under a data key of its own. Unreadable for ever once that key is destroyed.
/// Its JSON is a published contract; the byte fields are base64.
/// </summary>
/// <param name="KeyId">The data key in the <see cref="IDataKeyStore"/>.</param>
/// <param name="Nonce">12 bytes.</param>
/// <param name="Ciphertext">As long as the secret.</param>
/// <param name="Tag">16 bytes.</param>
public sealed record SealedSecret(
    [property: JsonPropertyName("keyId")] string KeyId,
    [property: JsonPropertyName("nonce")] string Nonce,
    [property: JsonPropertyName("ciphertext")] string Ciphertext,
    [property: JsonPropertyName("tag")] string Tag);
