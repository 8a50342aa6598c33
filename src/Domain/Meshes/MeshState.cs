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

    /// <summary>Every backend that the mesh ever had, by name, as it was when it came: its authority may exist with these settings.</summary>
    public ValueList<CertificateAuthorityBackend> KnownBackends { get; init; } = [];

    /// <summary>By name.</summary>
    public ValueList<PlacedPermission> Permissions { get; init; } = [];

    /// <summary>Counts the permissions that were created, so that a later one has a greater number.</summary>
    public long PermissionsCreated { get; init; }

    /// <summary>Of the mesh's dataplane tokens.</summary>
    public TokenKeyring Tokens { get; init; } = TokenKeyring.Empty;

    /// <summary>Data keys of secrets that are no more. Destroying them again does no harm, so a crash between the event and the
    /// destruction loses nothing.</summary>
    public ValueList<string> RetiredDataKeys { get; init; } = [];
}
