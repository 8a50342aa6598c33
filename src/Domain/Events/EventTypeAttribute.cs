namespace OrleansMesh.Domain.Events;

/// <summary>The published name under which events of a type are stored. It never changes, and no other type ever gets it.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EventTypeAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
