using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>Reads what is particular to a Secret and a GlobalSecret: <c>data</c>, base64. No problem that it notes quotes a part of them.</summary>
internal static class SecretReader
{
    /// <summary>The longest secret, in bytes.</summary>
    private const int MostBytes = 512 * 1024;

    /// <param name="mesh">Null for a GlobalSecret.</param>
    public static SecretResource Read(ObjectReader spec, string? mesh, string name, TagSet labels)
    {
        if (spec.IsEmpty("data"))
            spec.Report("data", "cannot be empty");
        var data = spec.Base64("data");
        if (data is { Bytes.Length: > MostBytes })
            spec.Report("data", $"must be at most {MostBytes} bytes");
        spec.RefuseOthers();
        return new SecretResource(mesh, name, data) { Labels = labels };
    }
}
