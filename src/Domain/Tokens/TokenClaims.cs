using System.Buffers;
using System.Text.Json;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tokens;

/// <summary>What tokens say, as UTF-8 JSON. Source of the claims: Kuma's dataplane and user tokens.</summary>
public static class TokenClaims
{
    /// <summary>Tokens are valid from a little before they were made, for clocks that are a little behind.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>Of a token by which a proxy proves what it is.</summary>
    /// <param name="name">The proxy's name; empty: any proxy of the mesh that has the tags.</param>
    /// <param name="tags">For each tag the values that the proxy's inbounds may have.</param>
    /// <param name="tokenId">The claim <c>jti</c>, by which the token can be revoked.</param>
    public static byte[] OfDataplane(
        string mesh, string name, string type, IEnumerable<(string Tag, ValueList<string> Values)> tags, string tokenId, DateTimeOffset now, TimeSpan validFor)
        => Write(tokenId, now, validFor, json =>
        {
            json.WriteString("Name", name);
            json.WriteString("Mesh", mesh);
            json.WriteStartObject("Tags");
            foreach (var (tag, values) in tags)
                WriteTexts(json, tag, values);
            json.WriteEndObject();
            json.WriteString("Type", type);
        });

    /// <summary>Of a token by which a person or program proves who they are.</summary>
    public static byte[] OfUser(string name, ValueList<string> groups, string tokenId, DateTimeOffset now, TimeSpan validFor)
        => Write(tokenId, now, validFor, json =>
        {
            json.WriteString("Name", name);
            WriteTexts(json, "Groups", groups);
        });

    private static byte[] Write(string tokenId, DateTimeOffset now, TimeSpan validFor, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteNumber("exp", (now + validFor).ToUnixTimeSeconds());
            json.WriteNumber("nbf", (now - ClockSkew).ToUnixTimeSeconds());
            json.WriteNumber("iat", (now - ClockSkew).ToUnixTimeSeconds());
            json.WriteString("jti", tokenId);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, ValueList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
