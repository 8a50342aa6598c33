using System.Buffers.Text;
using System.Text.Json.Nodes;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>By what a token is revoked.</summary>
internal static class TokenId
{
    public static string Of(string token) => (string)JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!["jti"]!;
}
