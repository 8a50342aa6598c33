using OrleansMesh.Domain.Reading;

namespace OrleansMesh.Domain.Views;

/// <summary>A proxy's mesh and name. Its Envoy node id is <c>{mesh}.{name}</c>, its grain key and the last part of its stream's name <c>{mesh}/{name}</c>.</summary>
public readonly record struct ProxyId(string Mesh, string Name)
{
    /// <exception cref="FormatException">The key has no slash.</exception>
    public static ProxyId OfKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? new(key[..slash], key[(slash + 1)..]) : throw new FormatException($"'{key}' is not {{mesh}}/{{name}}");
    }

    /// <summary>Whether a mesh and a proxy may have these names. Ask before a grain is called by a key that a stranger gave.</summary>
    public bool IsWellFormed => Mesh is not null && Name is not null && NameRules.ProblemOfMesh(Mesh) is null && NameRules.ProblemOfName(Name) is null;

    public string Key => $"{Mesh}/{Name}";

    /// <summary>Names the proxy in its certificate: <c>orleansmesh://{mesh}/{name}</c>. Services are <c>spiffe://</c> and tags <c>kuma://</c>, so no
    /// service and no tag, whatever it is called, has the same.</summary>
    public string Uri => $"{UriPrefix(Mesh)}{Name}";

    /// <summary>What the URIs of all proxies of a mesh, and nothing else, begin with.</summary>
    public static string UriPrefix(string mesh) => $"orleansmesh://{mesh}/";

    public override string ToString() => Key;
}
