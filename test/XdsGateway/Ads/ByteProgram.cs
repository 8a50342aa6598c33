namespace OrleansMesh.XdsGateway.Tests.Ads;

/// <summary>Choices, read from bytes; when they are used up, every choice is the first one.</summary>
internal sealed class ByteProgram(byte[] bytes)
{
    private int _at;

    public bool IsOver => _at >= bytes.Length;

    public int Next(int below) => IsOver ? 0 : bytes[_at++] % below;

    public bool Flip() => Next(2) == 1;

    /// <summary>Each of <paramref name="all"/> or not.</summary>
    public string[] Some(IReadOnlyList<string> all)
    {
        var mask = Next(1 << all.Count);
        return [.. all.Where((_, at) => (mask & (1 << at)) != 0)];
    }
}
