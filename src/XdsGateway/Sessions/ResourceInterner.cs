using System.Collections.Concurrent;
using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>Makes identical resources of different proxies one object, for as long as somebody holds it.</summary>
internal sealed class ResourceInterner
{
    private const int CollectEvery = 4096;

    private readonly ConcurrentDictionary<(string Type, string Name, string Version), WeakReference<EncodedResource>> _resources = new();
    private int _added;

    public EncodedResource Intern(string type, EncodedResource resource)
    {
        var key = (type, resource.Name, resource.Version);
        if (_resources.TryGetValue(key, out var known) && known.TryGetTarget(out var shared))
            return shared;
        _resources[key] = new WeakReference<EncodedResource>(resource);
        if (Interlocked.Increment(ref _added) % CollectEvery == 0)
            Forget();
        return resource;
    }

    private void Forget()
    {
        foreach (var entry in _resources)
        {
            if (!entry.Value.TryGetTarget(out _))
                _resources.TryRemove(entry);
        }
    }
}
