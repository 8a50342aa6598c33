using Orleans.Runtime;
using OrleansMesh.EmbeddedSilo.Calls;

namespace Orleans;

/// <summary>What can be asked of a grain or of a reference to one.</summary>
public static class GrainExtensions
{
    /// <summary>
    /// A reference to the grain through another of the interfaces that its class implements: how a grain passes itself on, as a
    /// grain or as an observer. Such a reference is not weak: calling it activates the grain anew.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="grain"/> is neither a grain nor a reference, or does not implement the interface.</exception>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => (TGrainInterface)(object)(grain switch
    {
        null => throw new ArgumentNullException(nameof(grain)),
        Reference reference => Reference.To(reference.Target, typeof(TGrainInterface)),
        Grain made => Reference.To(made.Activation.Address, typeof(TGrainInterface)),
        _ => throw NotAGrain(grain),
    });

    /// <summary>The key that the grain was got by.</summary>
    /// <exception cref="ArgumentException"><paramref name="grain"/> is neither a grain nor a reference to one.</exception>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain switch
    {
        null => throw new ArgumentNullException(nameof(grain)),
        Reference { Target: GrainAddress address } => address.Key,
        Grain made => made.Activation.Address.Key,
        _ => throw NotAGrain(grain),
    };

    private static ArgumentException NotAGrain(IAddressable grain) =>
        new($"Expected a grain or a reference to one, got {grain.GetType()}.", nameof(grain));
}
