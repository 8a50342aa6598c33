namespace OrleansMesh.EventStore;

/// <summary>Whether the log can be reached. While it cannot, what was read goes on being served, and nothing can be written.</summary>
public sealed class StoreAvailability
{
    private volatile string? _problem;

    /// <summary>Why the log cannot be reached now, for people; null when it can.</summary>
    public string? Problem => _problem;

    internal void Away(string problem) => _problem = problem;

    internal void Back() => _problem = null;
}
