using System.Net;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Index;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.Silo.Access;

/// <summary>
/// Finds out who makes a request: by a user token, by a client certificate, which the TLS handshake has verified, or by being on the server's own
/// machine, where that is proof enough. Who brings a proof that is not good is refused, whatever else would have let them in.
/// </summary>
internal sealed class Authentication(ServerConfiguration configuration, ConfiguredKeys keys, ResourceIndex index, TimeProvider time)
{
    private const string Bearer = "Bearer ";

    /// <returns>Who it is, or, for the log, why the proof is not good.</returns>
    public async Task<(User? User, string? Refusal)> ProveAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization is { Count: > 0 } header)
        {
            return header is [{ } text] && text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                ? await OfTokenAsync(text[Bearer.Length..].Trim())
                : (null, "the header Authorization is not 'Bearer' and a token");
        }

        if (context.Connection.ClientCertificate is { } certificate)
            return CertificateUser.Of(certificate) is { } user ? (user, null) : (null, "the client certificate names no user");
        return (configuration.Api.LoopbackIsAdmin && IsOnThisMachine(context) ? User.LocalAdmin : User.Anonymous, null);
    }

    // What a proxy passed on came from elsewhere, although the proxy is here.
    private static bool IsOnThisMachine(HttpContext context)
        => context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && !context.Request.Headers.ContainsKey("Forwarded") && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Via");

    private async Task<(User? User, string? Refusal)> OfTokenAsync(string text)
    {
        var tokens = index.Current.Access.State.Tokens;
        var own = tokens.Keys.Select(k => new TokenVerificationKey(k.KeyId, ValueList.Create<byte>(Convert.FromBase64String(k.PublicKey))));
        var (token, _, refusal) = await TokenVerification.VerifyAsync(text, [.. own, .. keys.OfUsers], new TokenRules(0, [], tokens.Revoked), "one for user tokens", time);
        return token is null ? (null, refusal) : UserOf(token);
    }

    private static (User? User, string? Refusal) UserOf(JsonWebToken token)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        var claims = payload.RootElement;
        if (!claims.TryGetProperty("Name", out var name) || name.ValueKind != JsonValueKind.String || User.ProblemOfName(name.GetString()!) is not null)
            return (null, "the claim Name names no user");
        if (!claims.TryGetProperty("Groups", out var groups) || groups.ValueKind == JsonValueKind.Null)
            return (User.Proven(name.GetString()!, []), null);
        return groups.ValueKind == JsonValueKind.Array && groups.EnumerateArray().All(g => g.ValueKind == JsonValueKind.String)
            ? (User.Proven(name.GetString()!, groups.EnumerateArray().Select(g => g.GetString()!)), null)
            : (null, "the claim Groups is no list of texts");
    }
}
