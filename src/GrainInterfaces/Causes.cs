namespace OrleansMesh.GrainInterfaces;

/// <summary>
/// What a change was made for, as its events keep it. A follow-up has the cause of what it follows from, or names the event itself, so that one request's
/// events are found by its cause.
/// </summary>
public static class Causes
{
    /// <summary>The start of a server.</summary>
    public const string Start = "start";

    /// <summary>The search for what a crash or a lost notification left undone.</summary>
    public const string Sweep = "sweep";

    /// <summary>A request to one of the servers.</summary>
    public static string Request(string id) => $"request:{id}";

    /// <summary>A request that belongs to the trace of that identity (W3C Trace Context).</summary>
    public static string Trace(string id) => $"trace:{id}";

    /// <summary>A connection of a proxy.</summary>
    public static string Session(string session) => $"session:{session}";

    /// <summary>Another event, or the last of several.</summary>
    public static string Event(string stream, long version) => $"event:{stream}@{version}";
}
