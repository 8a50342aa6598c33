using Orleans.Runtime;

namespace Orleans
{
    /// <summary>Marks an interface whose methods may be called through a reference to a grain.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain that is identified by a string, which never changes and is never empty.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>
    /// Marks an interface through which a grain notifies an object outside the silo, or another grain. Its methods return
    /// <see cref="Task"/>, <see cref="ValueTask"/> or nothing; one that returns nothing is one-way.
    /// </summary>
    public interface IGrainObserver : IAddressable;
}

namespace Orleans.Runtime
{
    /// <summary>Anything that can be called through a reference: a grain or an observer.</summary>
    public interface IAddressable;
}
