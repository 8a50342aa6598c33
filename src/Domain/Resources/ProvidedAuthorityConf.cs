using System.Text.Json.Serialization;
using OrleansMesh.Domain.Events;

namespace OrleansMesh.Domain.Resources;

/// <summary>The settings of an authority that the operator supplies.</summary>
/// <param name="Cert">Where its certificate is from: the one that signs first, then the path to its root.</param>
/// <param name="Key">Where its private key is from.</param>
/// <param name="CertificatesPem">What <paramref name="Cert"/> said when the mesh was applied; null before it was read.</param>
/// <param name="SealedKey">What <paramref name="Key"/> said then, PKCS #8; null before it was read.</param>
public sealed record ProvidedAuthorityConf(ValueSource Cert, ValueSource Key, string? CertificatesPem = null, SealedSecret? SealedKey = null);

/// <summary>Where a setting's value is from: exactly one of these is given.</summary>
/// <param name="Inline">The value itself, in base64.</param>
/// <param name="InlineString">The value itself.</param>
/// <param name="Secret">The name of a Secret of the mesh.</param>
/// <param name="File">The path of a file that the server reads.</param>
public sealed record ValueSource(string? Inline = null, string? InlineString = null, string? Secret = null, string? File = null)
{
    /// <summary>Stands for a value that was given in the document and is not shown: the one that is stored is meant.</summary>
    public const string Redacted = "(sealed)";

    /// <summary>The source as it may be stored and shown: without the value, where the value was in it.</summary>
    [JsonIgnore]
    public ValueSource WithoutValue => Inline is null && InlineString is null ? this : new(InlineString: Redacted);

    /// <summary>Whether it stands for the value that is stored.</summary>
    public bool IsRedacted() => InlineString == Redacted;

    // What is printed by chance, such as in a log, does not hold a key.
    public override string ToString() => Secret is not null ? $"secret {Secret}" : File is not null ? $"file {File}" : "inline";
}
