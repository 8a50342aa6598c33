using System.Collections.Concurrent;
using Orleans;
using OrleansMesh.EmbeddedSilo.Calls;
using OrleansMesh.EmbeddedSilo.Turns;

namespace OrleansMesh.EmbeddedSilo;

/// <summary>Makes the references of one silo.</summary>
internal sealed class GrainFactory(EmbeddedSiloHost silo, GrainClasses classes) : IGrainFactory
{
    private readonly ConcurrentDictionary<Type, GrainClass> _classes = new();

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrEmpty(primaryKey);
        var type = typeof(TGrainInterface);
        var grainClass = grainClassNamePrefix is null
            ? _classes.GetOrAdd(type, static (type, classes) => classes.For(type, null), classes)
            : classes.For(type, grainClassNamePrefix);
        return (TGrainInterface)(object)Reference.To(new GrainAddress(silo, new GrainKey(grainClass, primaryKey)), type);
    }

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj is Grain) throw new ArgumentException($"{obj.GetType()} is a grain; expected another object. A grain passes itself on by AsReference<T>().", nameof(obj));
        if (obj is Reference) throw new ArgumentException($"{obj} is already a reference.", nameof(obj));
        var observer = new ObserverMailbox(silo, obj);
        var reference = (TGrainObserverInterface)(object)Reference.To(observer, typeof(TGrainObserverInterface));
        silo.Watch(observer);
        return reference;
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj is not Reference { Target: ObserverMailbox observer })
            throw new ArgumentException($"{obj.GetType()} is no reference to an observer; expected what {nameof(CreateObjectReference)} returned.", nameof(obj));
        observer.Delete();
    }
}
