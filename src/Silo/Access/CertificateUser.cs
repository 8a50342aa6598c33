using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Access;

namespace OrleansMesh.Silo.Access;

/// <summary>Whom a client certificate names: by its common name, or, where it has none, by its URI; each organisation of its subject is a group.</summary>
/// <remarks>Source of the mapping: Kubernetes' client certificates.</remarks>
internal static class CertificateUser
{
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";
    private const string AlternativeNames = "2.5.29.17";

    /// <summary>Null when it names none.</summary>
    public static User? Of(X509Certificate2 certificate)
    {
        var parts = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(p => !p.HasMultipleElements)
            .Select(p => (Type: p.GetSingleElementType().Value, Value: p.GetSingleElementValue() ?? ""))
            .ToArray();
        var name = parts.FirstOrDefault(p => p.Type == CommonName).Value ?? UriOf(certificate) ?? "";
        var groups = parts.Where(p => p.Type == Organization).Select(p => p.Value).ToArray();
        return User.ProblemOfName(name) is null && groups.All(g => User.ProblemOfName(g) is null) ? User.Proven(name, groups) : null;
    }

    private static string? UriOf(X509Certificate2 certificate)
    {
        const int Uri = 6;
        if (certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == AlternativeNames) is not { } extension)
            return null;
        var names = new System.Formats.Asn1.AsnReader(extension.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        var uri = new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, Uri);
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(uri))
                return names.ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, uri);
            names.ReadEncodedValue();
        }

        return null;
    }
}
