using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Tests.Ads;

/// <summary>Resources whose body says what they are, so that a client can be checked by what it decoded.</summary>
internal sealed record Content(string Name, string Version, IReadOnlyList<string> References)
{
    public static EncodedResource Of(string type, string name, string version, params string[] references) =>
        new(name, version, new Any
        {
            TypeUrl = type,
            Value = ByteString.CopyFromUtf8(string.Join('\n', [name, version, .. references])),
        }.ToByteArray());

    public static Content Decode(Any any)
    {
        var lines = Encoding.UTF8.GetString(any.Value.Span).Split('\n');
        return new Content(lines[0], lines[1], lines[2..]);
    }

    public static TypeChange All(string type, string version, params string[] names) => Upsert(type, version, names) with { Complete = true };

    public static TypeChange Upsert(string type, string version, params string[] names) =>
        new(type, Complete: false) { Upserted = [.. names.Select(name => Of(type, name, version))] };

    public static TypeChange Remove(string type, params string[] names) => new(type, Complete: false) { Removed = names };
}
