using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Domain.Meshes;

/// <summary>
/// Whose certificates the proxies of a mesh accept, and which authority signs new ones. The two are apart so that authorities can be changed without
/// an outage: an authority is trusted by everyone before it signs, and signs no more before it is distrusted.
/// </summary>
public sealed record MeshTrust
{
    public static readonly MeshTrust Empty = new();

    /// <summary>Trusted now, in ordinal order of their identities.</summary>
    public ValueList<TrustedAuthority> Authorities { get; init; } = [];

    /// <summary>The identity of the one that signs; null: there is none yet.</summary>
    public string? Signer { get; init; }

    /// <summary>Since when it signs.</summary>
    public DateTimeOffset SignerSince { get; init; }

    /// <summary>The one that signed before, while it is trusted: where a rotation is reversed to.</summary>
    public string? Previous { get; init; }

    /// <summary>The one that is to sign once every connected proxy trusts it; null: no such change is under way.</summary>
    public string? Next { get; init; }

    /// <summary>When <see cref="Next"/> signs at the latest, although some proxies have not said that they trust it.</summary>
    public DateTimeOffset Deadline { get; init; }

    /// <summary>The one that the operator does not want to sign although its backend is enabled.</summary>
    public string? HeldBack { get; init; }

    /// <summary>The operator wants no further stage to begin.</summary>
    public bool Paused { get; init; }

    /// <summary>Counts the changes of the trust, so that what was observed of an earlier one is not taken for an observation of this one.</summary>
    public long Epoch { get; init; }

    /// <summary>The <see cref="Epoch"/> since which exactly these authorities are trusted. See <see cref="BundleId"/>.</summary>
    public long BundleEpoch { get; init; }

    /// <summary>Those that neither sign nor are to sign: trusted for as long as certificates of theirs are in use.</summary>
    [JsonIgnore]
    public IEnumerable<TrustedAuthority> Retiring => Authorities.Where(a => a.Id != Signer && a.Id != Next);

    /// <summary>Whether authorities are being changed.</summary>
    [JsonIgnore]
    public bool IsRotating => Authorities.Count > 1;

    [JsonIgnore]
    public RotationStage Stage => Next is not null ? RotationStage.Trusting : IsRotating ? RotationStage.Issuing : RotationStage.None;

    public TrustedAuthority? Find(string? id) => id is null ? null : Authorities.Find(a => a.Id, id);

    /// <summary>The roots that everyone trusts, PEM: each once, the same for the same authorities.</summary>
    public string BundlePem()
        => string.Concat(Authorities.Select(a => a.RootPem.Trim()).Distinct(StringComparer.Ordinal).Select(root => root + "\n"));

    /// <summary>What a proxy's view says of the trust; null while no authority signs.</summary>
    public TrustView? ToView()
    {
        if (Find(Signer) is not { } signer)
            return null;
        return new TrustView(signer.Backend, signer.Id, BundlePem(), IsRotating ? BundleId() : null);
    }

    /// <summary>
    /// Names the bundle: 128 bits of a SHA-256, hexadecimal. The same roots have another name when they are trusted again, after others were: that a proxy held
    /// them once does not say that it holds them.
    /// </summary>
    public string BundleId() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{BundleEpoch}\n{BundlePem()}")).AsSpan(0, 16));
}

/// <summary>How far a change of authorities is.</summary>
public enum RotationStage
{
    /// <summary>There is none: one authority is trusted, and signs.</summary>
    None,

    /// <summary>Everyone is told to trust the next authority too; the old one still signs.</summary>
    Trusting,

    /// <summary>The new one signs; the old one is trusted until no certificate of it is in use.</summary>
    Issuing,
}
