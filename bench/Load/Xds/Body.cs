using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace OrleansMesh.Load.Xds;

/// <summary>A resource's bytes, shared by every sidecar that was sent the same ones, and what they say, decoded once.</summary>
internal sealed record Body(ReadOnlyMemory<byte> Bytes, ResourceContent Content)
{
    public bool Holds(ReadOnlySpan<byte> marker) => Bytes.Span.IndexOf(marker) >= 0;
}

/// <summary>Every distinct body that sidecars were sent.</summary>
internal sealed class BodyCatalog
{
    private readonly ConcurrentDictionary<byte[], Body> _bodies = new(new ByContent());
    private readonly ConcurrentDictionary<byte[], Body>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;

    public BodyCatalog() => _byBytes = _bodies.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>How many were decoded.</summary>
    public int Count => _bodies.Count;

    public Body Intern(ResourceType type, ReadOnlySpan<byte> bytes)
    {
        // Most secrets are one proxy's own and refer to nothing; a private key need not stay here for longer than its proxy.
        if (type == ResourceType.Secret)
            return new Body(bytes.ToArray(), ResourceContent.Nothing);
        if (_byBytes.TryGetValue(bytes, out var body))
            return body;
        var copy = bytes.ToArray();
        return _bodies.GetOrAdd(copy, new Body(copy, ResourceContent.Of(type, bytes)));
    }

    private sealed class ByContent : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
