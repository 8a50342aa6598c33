using System.Text.Json.Nodes;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Silo.Authorities;
using OrleansMesh.Silo.Hosting;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>A mesh's authorities as the API shows them.</summary>
internal static class AuthorityStatus
{
    /// <summary>So many proxies are named where a list of them could be as long as the mesh.</summary>
    private const int MostNames = 20;

    public static JsonObject Write(IndexedMesh mesh, AuthorityHealthBoard board, DateTimeOffset now)
    {
        var (resource, trust) = (mesh.State.Mesh!, mesh.State.Trust);
        var facts = AuthorityKeeper.TrustFactsOf(mesh, now);
        var json = new JsonObject
        {
            ["mesh"] = resource.Name,
            ["enabledBackend"] = resource.EnabledBackend?.Name,
            ["stage"] = trust.Stage.ToString().ToLowerInvariant(),
            ["paused"] = trust.Paused,
        };
        if (PermissiveMode.Warning(resource) is { } warning)
            json["permissive"] = warning;
        if (trust.HeldBack is { } heldBack)
            json["heldBack"] = heldBack;
        if (trust.Next is not null)
        {
            json["deadline"] = ApiJson.Time(trust.Deadline);
            json["unconfirmed"] = Names(facts.Unconfirmed);
        }

        json["authorities"] = ApiJson.Array(resource.Mtls?.Backends.SelectMany(b => Authorities(mesh, b, facts, board)) ?? []);
        return json;
    }

    /// <summary>Whether the authorities of the mesh that are in use can sign.</summary>
    public static JsonArray Health(IndexedMesh mesh, AuthorityHealthBoard board)
        => ApiJson.Array(mesh.State.Trust.Authorities.Select(a => (JsonNode?)Health(mesh.State.Mesh!.Name, a, board)));

    private static IEnumerable<JsonNode?> Authorities(IndexedMesh mesh, CertificateAuthorityBackend backend, TrustFacts facts, AuthorityHealthBoard board)
    {
        var trust = mesh.State.Trust;
        foreach (var authority in mesh.Authorities.GetValueOrDefault(backend.Name, AuthorityState.Empty).Authorities)
        {
            var id = authority.AuthorityId;
            var json = Health(mesh.State.Mesh!.Name, authority.AsTrusted(backend.Name), board);
            json["type"] = backend.Type;
            json["use"] = id == trust.Signer ? "signing" : id == trust.Next ? "next" : trust.Find(id) is not null ? "retiring" : "idle";
            if (!authority.Provided && authority == mesh.Authorities[backend.Name].Newest)
                json["renewal"] = ApiJson.Time(authority.RenewAt(backend.CertificateLifetime));
            if (facts.UsersOf(id) is { Count: > 0 } users)
                json["inUse"] = Names(users);
            yield return json;
        }
    }

    private static JsonObject Health(string mesh, TrustedAuthority authority, AuthorityHealthBoard board)
    {
        var json = new JsonObject
        {
            ["id"] = authority.Id,
            ["backend"] = authority.Backend,
            ["notBefore"] = ApiJson.Time(authority.NotBefore),
            ["notAfter"] = ApiJson.Time(authority.NotAfter),
        };
        if (board.Find(mesh, authority.Id) is { } health)
        {
            json["canSign"] = health.Problem is null;
            if (health.Problem is { } problem)
                json["problem"] = problem;
        }

        return json;
    }

    private static JsonObject Names(ValueList<string> proxies)
        => new() { ["total"] = proxies.Count, ["proxies"] = ApiJson.Array(proxies.Take(MostNames)) };
}
