namespace OrleansMesh.Grains.EventSourcing;

/// <summary>What <see cref="ActiveStreams"/> asks of a stream's grain.</summary>
public interface IStreamFollower : IGrainObserver
{
    /// <summary>The stream may hold events that the grain's state lacks: it reads them if it does, and notifies as after an append of its own.</summary>
    [OneWay]
    Task StreamGrew();
}
