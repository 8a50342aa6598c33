using System.Collections.Concurrent;

namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>What happened, in order; given to grains as a service, so that it outlives them.</summary>
public sealed class Journal
{
    private readonly ConcurrentQueue<string> _entries = new();

    public IReadOnlyList<string> Entries => [.. _entries];

    public void Write(string entry) => _entries.Enqueue(entry);
}
