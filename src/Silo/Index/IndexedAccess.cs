using System.Collections.Immutable;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Silo.Index;

/// <summary>Who may do what, and which user tokens are good.</summary>
/// <param name="Times">Of roles and bindings, by type and name.</param>
public sealed record IndexedAccess(AccessState State, ImmutableDictionary<(string Type, string Name), ResourceTimes> Times)
{
    public static readonly IndexedAccess None = new(AccessState.Empty, ImmutableDictionary<(string Type, string Name), ResourceTimes>.Empty);

    public IndexedAccess After(AccessEvent happened, DateTimeOffset at) => new(AccessDecider.Evolve(State, happened), happened switch
    {
        AccessRoleCreated { Role: var role } => Made(role, at),
        AccessRoleChanged { Role: var role } => Touched(role, at),
        AccessRoleDeleted { Name: var name } => Times.Remove((ResourceTypes.AccessRole.Name, name)),
        AccessRoleBindingCreated { Binding: var binding } => Made(binding, at),
        AccessRoleBindingChanged { Binding: var binding } => Touched(binding, at),
        AccessRoleBindingDeleted { Name: var name } => Times.Remove((ResourceTypes.AccessRoleBinding.Name, name)),
        _ => Times,
    });

    /// <param name="type"><c>AccessRole</c> or <c>AccessRoleBinding</c>.</param>
    public IEnumerable<IndexedResource> All(ResourceType type)
        => (type == ResourceTypes.AccessRole ? State.Roles.AsEnumerable<IResource>() : State.Bindings)
            .Select(r => new IndexedResource(r, Times[(r.Type.Name, r.Name)]));

    private ImmutableDictionary<(string Type, string Name), ResourceTimes> Made(IResource resource, DateTimeOffset at)
        => Times.SetItem((resource.Type.Name, resource.Name), new(at, at));

    private ImmutableDictionary<(string Type, string Name), ResourceTimes> Touched(IResource resource, DateTimeOffset at)
        => Times.SetItem((resource.Type.Name, resource.Name), new(Times.GetValueOrDefault((resource.Type.Name, resource.Name))?.Created ?? at, at));
}
