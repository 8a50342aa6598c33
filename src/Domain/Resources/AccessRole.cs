using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Resources;

/// <summary>Rights that can be given to users and groups by an <see cref="AccessRoleBinding"/>.</summary>
/// <param name="Rules">Each gives something; none takes anything away.</param>
public sealed record AccessRole(string Name, ValueList<AccessRule> Rules) : IResource
{
    /// <summary>Labels as the client gave them.</summary>
    public TagSet Labels { get; init; } = TagSet.Empty;

    ResourceType IResource.Type => ResourceTypes.AccessRole;

    string? IResource.Mesh => null;
}

/// <summary>Rights on some resources.</summary>
/// <param name="Types">The types of resource; none: all but those of secrets and of access itself, which have to be named.</param>
/// <param name="Names">The names of the resources, or of the proxies that tokens are for; none: all.</param>
/// <param name="Mesh">The mesh that the resources are in, itself among them; null: all meshes, and what is in none.</param>
public sealed record AccessRule(ValueList<Right> Access, ValueList<string> Types, ValueList<string> Names, string? Mesh = null);

/// <summary>Gives roles to users and groups.</summary>
/// <param name="Roles">Names of roles.</param>
public sealed record AccessRoleBinding(string Name, ValueList<AccessSubject> Subjects, ValueList<string> Roles) : IResource
{
    /// <summary>Labels as the client gave them.</summary>
    public TagSet Labels { get; init; } = TagSet.Empty;

    ResourceType IResource.Type => ResourceTypes.AccessRoleBinding;

    string? IResource.Mesh => null;
}

/// <summary>Who has a role.</summary>
public sealed record AccessSubject(AccessSubjectType Type, string Name)
{
    public bool Is(User user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return Type is AccessSubjectType.Group ? user.Groups.Contains(Name) : user.IsAuthenticated && user.Name == Name;
    }
}

/// <summary>What a subject's name names.</summary>
public enum AccessSubjectType
{
    User,
    Group,
}
