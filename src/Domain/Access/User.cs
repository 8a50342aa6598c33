using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Access;

/// <summary>Whoever makes a request, and the groups that they are in.</summary>
/// <param name="Groups">As their token or certificate names them; <see cref="Authenticated"/> or <see cref="Unauthenticated"/> is among them.</param>
/// <remarks>Source of the names: Kuma 2.14, <c>pkg/core/user</c>.</remarks>
public sealed record User(string Name, ValueList<string> Groups)
{
    /// <summary>The group whose members may do everything, and the name of the administrator who needs no token on the server's own machine.</summary>
    public const string Admin = "mesh-system:admin";

    /// <summary>The group of everybody who proved who they are.</summary>
    public const string Authenticated = "mesh-system:authenticated";

    /// <summary>The group of everybody who did not.</summary>
    public const string Unauthenticated = "mesh-system:unauthenticated";

    /// <summary>What the names of all these begin with.</summary>
    public const string ReservedPrefix = "mesh-system:";

    /// <summary>Who proved nothing.</summary>
    public static readonly User Anonymous = new("mesh-system:anonymous", [Unauthenticated]);

    /// <summary>Whoever is on the server's own machine, where that is proof enough.</summary>
    public static readonly User LocalAdmin = new(Admin, [Admin, Authenticated]);

    /// <summary>Somebody who proved who they are.</summary>
    public static User Proven(string name, IEnumerable<string> groups)
        => new(name, [.. groups.Where(g => g is not (Authenticated or Unauthenticated)).Distinct(StringComparer.Ordinal), Authenticated]);

    public bool IsAuthenticated => Groups.Contains(Authenticated);

    public bool IsAdmin => IsAuthenticated && Groups.Contains(Admin);

    /// <summary>What is wrong with the name of a user or group, or null. It becomes the actor of events.</summary>
    public static string? ProblemOfName(string name) => name switch
    {
        "" => "cannot be empty",
        { Length: > 200 } => "cannot be longer than 200 characters",
        _ when name.Any(char.IsControl) || name.Any(char.IsSurrogate) => "cannot have control characters or characters beyond the basic plane",
        _ => null,
    };
}
