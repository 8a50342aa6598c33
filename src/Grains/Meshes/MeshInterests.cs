using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Meshes;

/// <summary>
/// Who observes which inbounds of a mesh, and what governs those. Inbounds with the same tags are governed alike, so they are kept by their tags:
/// a permission that changes costs work for the tags that its destinations match, and for those who observe them.
/// </summary>
internal sealed class MeshInterests
{
    private readonly Dictionary<IMeshObserver, ValueList<TagSet>> _inbounds = [];
    private readonly Dictionary<TagSet, Governed> _byTags = [];

    // By service; those without one, and all of them together, are under Selector.Any.
    private readonly Dictionary<string, HashSet<TagSet>> _byService = new(StringComparer.Ordinal);

    /// <summary>Everybody who observes.</summary>
    public IReadOnlyCollection<IMeshObserver> Observers => _inbounds.Keys;

    /// <summary>Adds an observer, or replaces what it observes.</summary>
    public void Add(IMeshObserver observer, ValueList<TagSet> inbounds, PermissionIndex permissions)
    {
        Remove(observer);
        _inbounds.Add(observer, inbounds);
        foreach (var tags in inbounds)
        {
            if (!_byTags.TryGetValue(tags, out var governed))
            {
                _byTags.Add(tags, governed = new Governed { Permission = permissions.Govern(tags) });
                SetOf(Selector.Any).Add(tags);
                SetOf(tags.Service ?? Selector.Any).Add(tags);
            }

            governed.Observers.Add(observer);
        }
    }

    public void Remove(IMeshObserver observer)
    {
        if (!_inbounds.Remove(observer, out var inbounds))
            return;
        foreach (var tags in inbounds)
        {
            if (!_byTags.TryGetValue(tags, out var governed) || !governed.Observers.Remove(observer) || governed.Observers.Count > 0)
                continue;
            _byTags.Remove(tags);
            Forget(Selector.Any, tags);
            Forget(tags.Service ?? Selector.Any, tags);
        }
    }

    public void Clear()
    {
        _inbounds.Clear();
        _byTags.Clear();
        _byService.Clear();
    }

    /// <summary>The inbounds of the observer and, for each in the same order, the permission that governs.</summary>
    public (ValueList<TagSet> Inbounds, ValueList<GoverningPermission?> Permissions) Of(IMeshObserver observer)
    {
        var inbounds = _inbounds[observer];
        return (inbounds, inbounds.Select(tags => _byTags[tags].Permission).ToValueList());
    }

    /// <summary>Permissions with these destinations changed: computes anew what governs the inbounds that they match.</summary>
    /// <returns>The observers for which another permission governs, or the same one lets others in.</returns>
    public HashSet<IMeshObserver> Update(IReadOnlyCollection<Selector> destinations, PermissionIndex permissions)
    {
        HashSet<IMeshObserver> affected = [];
        foreach (var tags in Matched(destinations))
        {
            var governed = _byTags[tags];
            var now = permissions.Govern(tags);
            if (Equals(now, governed.Permission))
                continue;
            governed.Permission = now;
            affected.UnionWith(governed.Observers);
        }

        return affected;
    }

    private HashSet<TagSet> Matched(IReadOnlyCollection<Selector> destinations)
    {
        HashSet<TagSet> matched = [];
        foreach (var destination in destinations)
        {
            if (_byService.TryGetValue(destination.Match.Service ?? Selector.Any, out var candidates))
                matched.UnionWith(candidates.Where(tags => destination.Matches(tags)));
        }

        return matched;
    }

    private HashSet<TagSet> SetOf(string service) => _byService.TryGetValue(service, out var tags) ? tags : _byService[service] = [];

    private void Forget(string service, TagSet tags)
    {
        if (_byService.TryGetValue(service, out var all) && all.Remove(tags) && all.Count == 0)
            _byService.Remove(service);
    }

    private sealed class Governed
    {
        public GoverningPermission? Permission { get; set; }

        public HashSet<IMeshObserver> Observers { get; } = [];
    }
}
