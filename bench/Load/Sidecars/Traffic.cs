namespace OrleansMesh.Load.Sidecars;

/// <summary>What sidecars received.</summary>
/// <param name="Messages">Discovery responses.</param>
/// <param name="Resources">Resources in them.</param>
/// <param name="Resent">Resources among those that came after a reconnect although the sidecar held them, unchanged.</param>
/// <param name="Bytes">HTTP/2 bytes, TLS taken off.</param>
/// <param name="Disconnects">Connections that ended, or failed, although the sidecar had not left.</param>
internal readonly record struct Traffic(long Messages, long Resources, long Resent, long Bytes, long Disconnects)
{
    public static Traffic operator +(Traffic a, Traffic b)
        => new(a.Messages + b.Messages, a.Resources + b.Resources, a.Resent + b.Resent, a.Bytes + b.Bytes, a.Disconnects + b.Disconnects);

    public static Traffic operator -(Traffic a, Traffic b)
        => new(a.Messages - b.Messages, a.Resources - b.Resources, a.Resent - b.Resent, a.Bytes - b.Bytes, a.Disconnects - b.Disconnects);
}
