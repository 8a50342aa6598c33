using System.Collections.Immutable;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Policies;

/// <summary>
/// The permissions of a mesh by the services of their destinations, so that only those that can match an inbound are looked at. Immutable.
/// </summary>
public sealed class PermissionIndex
{
    public static readonly PermissionIndex Empty = new(
        ImmutableSortedDictionary.Create<string, PlacedPermission>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ImmutableSortedDictionary<string, PlacedPermission>>(StringComparer.Ordinal));

    private readonly ImmutableSortedDictionary<string, PlacedPermission> _byName;

    /// <summary>By service; those that may match any service are under <see cref="Selector.Any"/>, which no service is called.</summary>
    private readonly ImmutableDictionary<string, ImmutableSortedDictionary<string, PlacedPermission>> _byService;

    private PermissionIndex(
        ImmutableSortedDictionary<string, PlacedPermission> byName,
        ImmutableDictionary<string, ImmutableSortedDictionary<string, PlacedPermission>> byService)
        => (_byName, _byService) = (byName, byService);

    /// <summary>All permissions, in ordinal order of their names.</summary>
    public IEnumerable<PlacedPermission> Permissions => _byName.Values;

    public int Count => _byName.Count;

    /// <summary>An index of the permissions; of two with the same name the later one counts.</summary>
    public static PermissionIndex Of(IEnumerable<PlacedPermission> permissions)
        => permissions.Aggregate(Empty, (index, placed) => index.With(placed));

    /// <summary>The permission of that name; null when there is none.</summary>
    public PlacedPermission? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>With this permission, in the place of the one of the same name if there is one.</summary>
    public PermissionIndex With(PlacedPermission placed)
    {
        var without = Without(placed.Permission.Name);
        var byService = without._byService;
        foreach (var service in Services(placed))
            byService = byService.SetItem(service, Bucket(byService, service).SetItem(placed.Permission.Name, placed));
        return new PermissionIndex(without._byName.SetItem(placed.Permission.Name, placed), byService);
    }

    /// <summary>Without the permission of that name; the same index when there is none.</summary>
    public PermissionIndex Without(string name)
    {
        if (Find(name) is not { } placed)
            return this;
        var byService = _byService;
        foreach (var service in Services(placed))
        {
            var bucket = byService[service].Remove(name);
            byService = bucket.IsEmpty ? byService.Remove(service) : byService.SetItem(service, bucket);
        }

        return new PermissionIndex(_byName.Remove(name), byService);
    }

    /// <summary>The same as <see cref="PermissionMatching.Govern"/> over all permissions.</summary>
    public GoverningPermission? Govern(TagSet inbound) => PermissionMatching.Govern(inbound, Candidates(inbound));

    private IEnumerable<PlacedPermission> Candidates(TagSet inbound)
    {
        var any = Bucket(_byService, Selector.Any);
        if (inbound.Service is not { } service)
            return any.Values;
        return any.Values.Concat(Bucket(_byService, service).Values.Where(placed => !any.ContainsKey(placed.Permission.Name)));
    }

    private static IEnumerable<string> Services(PlacedPermission placed)
        => placed.Permission.Destinations.Select(selector => selector.Match.Service ?? Selector.Any).Distinct(StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, PlacedPermission> Bucket(
        ImmutableDictionary<string, ImmutableSortedDictionary<string, PlacedPermission>> byService,
        string service)
        => byService.TryGetValue(service, out var bucket) ? bucket : Empty._byName;
}
