namespace OrleansMesh.Load.ControlPlane;

/// <summary>How little of the machine a server that is started gets.</summary>
/// <param name="Processors">On how many processors it may run; null: on all.</param>
/// <param name="Nice">How much it gives way to others, from 0 to 19, as <c>nice</c> has it.</param>
internal sealed record ServerConstraints(int? Processors, int Nice)
{
    public static ServerConstraints None { get; } = new(null, 0);

    /// <summary>The command that becomes the constrained program: each of its parts executes the next in its own place, so that the process id stays.</summary>
    public IReadOnlyList<string> Prefix =>
    [
        .. Nice > 0 ? ["nice", "-n", $"{Nice}"] : Array.Empty<string>(),
        .. Processors is { } processors ? ["taskset", "-c", $"0-{processors - 1}"] : Array.Empty<string>(),
    ];
}
