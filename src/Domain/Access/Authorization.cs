using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Access;

/// <summary>Whether somebody may do something, and what is missing if not.</summary>
/// <param name="Missing">Null when it is allowed.</param>
public sealed record AccessDecision(string? Missing)
{
    public static readonly AccessDecision Allowed = new((string?)null);

    public bool IsAllowed => Missing is null;
}

/// <summary>
/// What one user may do: all of it for members of <see cref="User.Admin"/>, else what the rules of their roles give. Nothing else is ever allowed but
/// what needs no right.
/// </summary>
public sealed class Authorization
{
    // What these hold lets its reader or writer become somebody else: only rules that name them are about them.
    private static readonly ValueList<string> NamedOnly =
        [ResourceTypes.Secret.Name, ResourceTypes.GlobalSecret.Name, ResourceTypes.AccessRole.Name, ResourceTypes.AccessRoleBinding.Name];

    private readonly User _user;
    private readonly ValueList<AccessRule> _rules;

    private Authorization(User user, ValueList<AccessRule> rules) => (_user, _rules) = (user, rules);

    /// <summary>What the user may do as things are.</summary>
    public static Authorization Of(User user, AccessState state)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(state);
        var roles = state.Bindings.Where(b => b.Subjects.Any(s => s.Is(user))).SelectMany(b => b.Roles).ToHashSet(StringComparer.Ordinal);
        return new Authorization(user, state.Roles.Where(r => roles.Contains(r.Name)).SelectMany(r => r.Rules).ToValueList());
    }

    /// <summary>Whether the user may do it.</summary>
    public AccessDecision Decide(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var allowed = operation.Right switch
        {
            Right.None => true,
            Right.Authenticated => _user.IsAuthenticated,
            _ => _user.IsAdmin || _rules.Any(r => Gives(r, operation)),
        };
        return allowed ? AccessDecision.Allowed : new AccessDecision($"user '{_user.Name}' of {Groups(_user)} needs {operation}");
    }

    /// <summary>Whether the user may see the resource.</summary>
    /// <param name="mesh">Null for what is in no mesh.</param>
    public bool MayRead(ResourceType type, string? mesh, string name) => Decide(Operation.With(Right.Read, type, mesh, name)).IsAllowed;

    private static bool Gives(AccessRule rule, Operation operation)
        => rule.Access.Contains(operation.Right)
        && Covers(rule, operation)
        && (rule.Mesh is null || rule.Mesh == operation.Mesh || (operation.InPart && operation.Mesh is null && IsInMeshes(operation)))
        && (rule.Names.Count == 0 || operation.InPart || (operation.Name is { } name && rule.Names.Contains(name)));

    private static bool Covers(AccessRule rule, Operation operation)
        => operation.Type is not { } type || (rule.Types.Count == 0 ? !NamedOnly.Contains(type) : rule.Types.Contains(type));

    // What is in no mesh is not a part of what a rule gives in one.
    private static bool IsInMeshes(Operation operation)
        => operation.Type is not { } type || type == ResourceTypes.Mesh.Name || ResourceTypes.Find(type)?.Scope is ResourceScope.Mesh;

    private static string Groups(User user) => user.Groups.Count == 0 ? "no group" : string.Join(", ", user.Groups);
}
