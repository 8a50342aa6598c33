using System.Text.Json.Serialization;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Meshes;

/// <summary>A mesh as its events made it.</summary>
public sealed record MeshState
{
    public static readonly MeshState Empty = new();

    /// <summary>Null: there is no such mesh now.</summary>
    public Mesh? Mesh { get; init; }

    /// <summary>Whom its proxies trust, and who signs.</summary>
    public MeshTrust Trust { get; init; } = MeshTrust.Empty;

    /// <summary>The backend whose authority signs, or, before there is one, the enabled backend; null: no mutual TLS. What proxies accept is what the
    /// enabled one says, whichever signs.</summary>
    [JsonIgnore]
    public CertificateAuthorityBackend? SigningBackend
        => Mesh?.EnabledBackend is { } enabled
            ? (Mesh.Mtls!.Backends.FirstOrDefault(b => b.Name == Trust.Find(Trust.Signer)?.Backend) ?? enabled) with { Mode = enabled.Mode }
            : null;

    /// <summary>By name.</summary>
    public ValueList<PlacedPermission> Permissions { get; init; } = [];

    /// <summary>Counts the permissions that were created, so that a later one has a greater number.</summary>
    public long PermissionsCreated { get; init; }

    /// <summary>By name.</summary>
    public ValueList<ProxyQuarantine> Quarantines { get; init; } = [];

    /// <summary>The names of the proxies that are shut out, in ordinal order, each once.</summary>
    [JsonIgnore]
    public ValueList<string> QuarantinedProxies => Quarantines.Select(q => q.Proxy).Distinct().Order(StringComparer.Ordinal).ToValueList();

    /// <summary>Of the mesh's dataplane tokens.</summary>
    public TokenKeyring Tokens { get; init; } = TokenKeyring.Empty;

    /// <summary>Data keys of secrets that are no more. Destroying them again does no harm, so a crash between the event and the
    /// destruction loses nothing.</summary>
    public ValueList<string> RetiredDataKeys { get; init; } = [];
}
