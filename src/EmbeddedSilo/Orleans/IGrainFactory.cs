namespace Orleans;

/// <summary>Gives references to grains and to observers.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to the grain of that key. The grain need not exist: the first call activates it.</summary>
    /// <param name="grainClassNamePrefix">If given, the full name of the grain's class must begin with it.</param>
    /// <exception cref="ArgumentException">The key is empty, or no single grain class implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <summary>
    /// A reference through which grains call <paramref name="obj"/>, one call at a time, in the order of each sender's calls. It does
    /// not keep the object alive: whoever wants notifications keeps it. After it is collected, one-way calls do nothing and others
    /// fail with <see cref="Runtime.ClientNotAvailableException"/>.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="obj"/> is a grain or already a reference.</exception>
    TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    /// <summary>Ends a reference that <see cref="CreateObjectReference"/> made: calls behave as if its object had been collected.</summary>
    /// <exception cref="ArgumentException"><paramref name="obj"/> is not such a reference.</exception>
    void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;
}
