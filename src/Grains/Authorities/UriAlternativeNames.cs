using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMesh.Grains.Authorities;

/// <summary>The subject alternative name of a workload: its URIs, exactly as they are written.</summary>
internal static class UriAlternativeNames
{
    private const string SubjectAlternativeName = "2.5.29.17";

    // uniformResourceIdentifier [6] IA5String, RFC 5280, section 4.2.1.6. The platform's own builder would normalise the URIs.
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    public static X509Extension Encode(IEnumerable<string> uris, bool critical)
    {
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            foreach (var uri in uris)
                names.WriteCharacterString(UniversalTagNumber.IA5String, uri, Uri);
        }

        return new X509Extension(SubjectAlternativeName, names.Encode(), critical);
    }
}
