using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace OrleansMesh.EmbeddedSilo.Calls;

/// <summary>A reference to a grain or an observer through one interface. Two references to the same one are equal.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it at run time.
internal class Reference : DispatchProxy
{
    private CallInterface? _interface;
    private ICallTarget? _target;

    public ICallTarget Target => _target!;

    /// <exception cref="ArgumentException">The target's class does not implement the interface, or the interface cannot be called remotely.</exception>
    public static Reference To(ICallTarget target, Type interfaceType)
    {
        if (!interfaceType.IsInterface || !interfaceType.IsAssignableFrom(target.Type))
            throw new ArgumentException($"{target.Type} does not implement the interface {interfaceType}.", nameof(interfaceType));
        var calls = CallInterface.Of(interfaceType);
        var reference = (Reference)Create(interfaceType, typeof(Reference));
        reference._interface = calls;
        reference._target = target;
        return reference;
    }

    public override bool Equals(object? obj) => obj is Reference other && Target.Equals(other.Target);

    public override int GetHashCode() => Target.GetHashCode();

    public override string ToString() => Target.ToString()!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        foreach (var argument in args!)
        {
            if (argument is IAddressable and not Reference)
            {
                throw new ArgumentException($"{targetMethod!.DeclaringType!.Name}.{targetMethod.Name} was passed {argument.GetType()} itself; pass a reference: "
                    + $"a grain's AsReference<T>(), an observer's {nameof(IGrainFactory.CreateObjectReference)}<T>().");
            }
        }

        return _interface!.Methods[targetMethod!].Call(Target, args);
    }
}
