using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;

namespace OrleansMesh.EmbeddedSilo.Calls;

/// <summary>How to call each method of an interface, its base interfaces' among them.</summary>
internal sealed class CallInterface
{
    private static readonly ConcurrentDictionary<Type, CallInterface> Known = new();

    private CallInterface(Type type) => Methods = type.GetInterfaces().Prepend(type)
        .SelectMany(part => part.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(method => method.IsAbstract)
        .ToFrozenDictionary(method => method, CallMethod.Of);

    public FrozenDictionary<MethodInfo, CallMethod> Methods { get; }

    /// <exception cref="ArgumentException">A method of the interface cannot be called through a reference.</exception>
    public static CallInterface Of(Type type) => Known.GetOrAdd(type, static type => new CallInterface(type));
}
