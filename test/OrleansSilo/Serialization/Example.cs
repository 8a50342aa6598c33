using System.Collections;
using System.Reflection;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.OrleansSilo.Tests.Serialization;

/// <summary>Makes a value of any type that crosses a grain boundary, with something in every part of it.</summary>
internal sealed class Example
{
    private int _made;

    /// <summary>The type itself, or where there are no values of just that, all that derive from it.</summary>
    public static IReadOnlyCollection<Type> KindsOf(Type type)
        => type is { IsAbstract: true, IsSealed: false } ? [.. type.Assembly.GetTypes().Where(t => t is { IsAbstract: false } && t.IsSubclassOf(type))] : [type];

    public object Of(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying);
        if (type == typeof(string))
            return $"text-{++_made}";
        if (type == typeof(TagSet))
            return TagSet.Of((TagSet.ServiceTag, $"service-{++_made}"), ("zone", "eu"));
        if (type == typeof(SecretData))
            return new SecretData([1, 2, (byte)++_made]);
        if (type == typeof(MeshDuration))
            return MeshDurationText.TryParse($"{++_made}h", out var duration) ? duration : throw new InvalidOperationException("hours are a duration");
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
            return ListOf(type.GetGenericArguments()[0]);
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().Last();
        if (type == typeof(bool))
            return true;
        if (type == typeof(TimeSpan))
            return TimeSpan.FromSeconds(++_made);
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(2026, 1, 1, 0, 0, ++_made % 60, TimeSpan.Zero);
        if (type.IsPrimitive)
            return Convert.ChangeType(++_made % 100, type, null);

        // A record: its parameters, then what can be set beside them.
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)
            ?? throw new InvalidOperationException($"{type} has no public constructor: no example of it can be made");
        var value = constructor.Invoke([.. constructor.GetParameters().Select(p => Of(p.ParameterType))]);
        foreach (var property in type.GetProperties().Where(p => p.SetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0))
        {
            if (!constructor.GetParameters().Any(p => p.Name == property.Name))
                property.SetValue(value, Of(property.PropertyType));
        }

        return value;
    }

    private object ListOf(Type item)
    {
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        items.Add(Of(item));
        items.Add(Of(item));
        return typeof(ValueList).GetMethod(nameof(ValueList.ToValueList), BindingFlags.Public | BindingFlags.Static)!.MakeGenericMethod(item).Invoke(null, [items])!;
    }
}
