namespace OrleansMesh.GrainInterfaces;

/// <summary>Who asks for a change, and what for; it is kept with the events that follow.</summary>
/// <param name="Actor"><c>user:{name}</c>, <c>proxy:{mesh}/{name}</c> or <c>system</c>.</param>
/// <param name="Cause">What it is done for, in one of the forms of <see cref="Causes"/>.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.caller")]
public sealed record Caller([property: Id(0)] string Actor, [property: Id(1)] string Cause = "")
{
    /// <summary>The control plane itself, of its own accord.</summary>
    public static readonly Caller System = new("system", Causes.Sweep);

    /// <summary>The control plane itself, for a reason.</summary>
    /// <param name="cause">In one of the forms of <see cref="Causes"/>.</param>
    public static Caller SystemFor(string cause) => new("system", cause);
}
