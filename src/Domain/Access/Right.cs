using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Access;

/// <summary>What somebody may be allowed to do with the API.</summary>
public enum Right
{
    /// <summary>What everybody may do, whoever they are. No role has to give it.</summary>
    None,

    /// <summary>What whoever is authenticated may do. No role has to give it.</summary>
    Authenticated,

    /// <summary>See resources of some types, and what the mesh makes of them.</summary>
    Read,

    /// <summary>Make a resource that is not there.</summary>
    Create,

    /// <summary>Change a resource that is there.</summary>
    Update,

    Delete,

    /// <summary>Make tokens by which proxies prove what they are. The names of a rule are those of the proxies.</summary>
    GenerateDataplaneToken,

    /// <summary>Make tokens by which people prove who they are; one of the group <c>mesh-system:admin</c> only its members can make.</summary>
    GenerateUserToken,

    /// <summary>See, add and remove the keys that sign tokens, and revoke tokens: those of a mesh's proxies, or, without a mesh, those of people.</summary>
    ManageTokens,

    /// <summary>See and steer the authorities of a mesh: their rotation and renewal.</summary>
    ManageAuthorities,

    /// <summary>See who changed what and when.</summary>
    ViewHistory,

    /// <summary>See what a proxy's Envoy is configured with.</summary>
    ViewConfigDump,

    /// <summary>What concerns the server as a whole: its configuration, backups, exports and imports, its key-encryption key.</summary>
    Administer,
}

/// <summary>Rights as resources name them: <c>GENERATE_DATAPLANE_TOKEN</c>.</summary>
public static class RightNames
{
    private static readonly ValueList<(string Name, Right Right)> Grantable =
    [
        ("READ", Right.Read), ("CREATE", Right.Create), ("UPDATE", Right.Update), ("DELETE", Right.Delete),
        ("GENERATE_DATAPLANE_TOKEN", Right.GenerateDataplaneToken), ("GENERATE_USER_TOKEN", Right.GenerateUserToken),
        ("MANAGE_TOKENS", Right.ManageTokens), ("MANAGE_AUTHORITIES", Right.ManageAuthorities), ("VIEW_HISTORY", Right.ViewHistory),
        ("VIEW_CONFIG_DUMP", Right.ViewConfigDump), ("ADMINISTER", Right.Administer),
    ];

    /// <summary>Every right that a role can give.</summary>
    public static IEnumerable<string> All => Grantable.Select(g => g.Name);

    /// <summary>The right of that name; null when no role can give one.</summary>
    public static Right? Find(string name) => Grantable.FirstOrDefault(g => g.Name == name) is { Name: not null } found ? found.Right : null;

    /// <exception cref="ArgumentException">No role can give it.</exception>
    public static string NameOf(this Right right)
        => Grantable.FirstOrDefault(g => g.Right == right).Name ?? throw new ArgumentException($"{right} is given by no role", nameof(right));
}
