using System.Globalization;
using System.Text.Json.Serialization;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tokens;

/// <summary>A key that signs tokens.</summary>
/// <param name="KeyId">The JWT header's <c>kid</c>.</param>
/// <param name="PublicKey">RSA, SubjectPublicKeyInfo, base64.</param>
/// <param name="PrivateKey">RSA, PKCS #8.</param>
public sealed record TokenSigningKey(string KeyId, string PublicKey, SealedSecret PrivateKey);

/// <summary>The keys that sign some tokens, and the tokens that are good no more.</summary>
/// <param name="Keys">In the order in which they were added; the last one signs, tokens of all of them are good.</param>
/// <param name="Revoked">The <c>jti</c> of tokens that are good no more, in ordinal order.</param>
/// <param name="KeysEver">How many keys there ever were, so that none is named like an earlier one.</param>
public sealed record TokenKeyring(ValueList<TokenSigningKey> Keys, ValueList<string> Revoked, int KeysEver)
{
    /// <summary>The most tokens that are revoked at a time: each is looked up at each connection.</summary>
    public const int MostRevoked = 100_000;

    public static readonly TokenKeyring Empty = new([], [], 0);

    /// <summary>What the next key is to be named: a number greater than that of any key before it, as Kuma's serials.</summary>
    [JsonIgnore]
    public string NextKeyId => (Keys.Select(k => SerialOf(k.KeyId)).Append(KeysEver).Max() + 1).ToString(CultureInfo.InvariantCulture);

    public TokenSigningKey? Find(string keyId) => Keys.FirstOrDefault(k => k.KeyId == keyId);

    /// <summary>Those of the tokens that are not revoked yet, in ordinal order.</summary>
    public ValueList<string> NotRevoked(ValueList<string> tokenIds)
        => tokenIds.Distinct(StringComparer.Ordinal).Where(id => !IsRevoked(id)).Order(StringComparer.Ordinal).ToValueList();

    /// <summary>Those of the tokens that are revoked, in ordinal order.</summary>
    public ValueList<string> AlreadyRevoked(ValueList<string> tokenIds)
        => tokenIds.Distinct(StringComparer.Ordinal).Where(IsRevoked).Order(StringComparer.Ordinal).ToValueList();

    public bool IsRevoked(string tokenId) => Revoked.AsSpan().BinarySearch(tokenId, StringComparer.Ordinal) >= 0;

    public TokenKeyring WithKey(TokenSigningKey key) => this with { Keys = [.. Keys, key], KeysEver = KeysEver + 1 };

    public TokenKeyring WithoutKey(string keyId) => this with { Keys = Keys.Where(k => k.KeyId != keyId).ToValueList() };

    public TokenKeyring WithRevoked(ValueList<string> tokenIds)
        => this with { Revoked = Revoked.Concat(tokenIds).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToValueList() };

    public TokenKeyring WithoutRevoked(ValueList<string> tokenIds) => this with { Revoked = Revoked.Except(tokenIds, StringComparer.Ordinal).ToValueList() };

    private static int SerialOf(string keyId)
        => keyId.Length <= 9 && int.TryParse(keyId, NumberStyles.None, CultureInfo.InvariantCulture, out var serial) ? serial : 0;
}
