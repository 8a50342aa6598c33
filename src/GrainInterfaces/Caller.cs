namespace OrleansMesh.GrainInterfaces;

/// <summary>Who asks for a change, and what for; it is kept with the events that follow.</summary>
/// <param name="Actor"><c>user:{name}</c>, <c>proxy:{mesh}/{name}</c> or <c>system</c>.</param>
/// <param name="Cause">The request's identity; empty where there is none.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.caller")]
public sealed record Caller([property: Id(0)] string Actor, [property: Id(1)] string Cause = "")
{
    /// <summary>The control plane itself.</summary>
    public static readonly Caller System = new("system");
}
