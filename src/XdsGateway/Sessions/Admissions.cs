namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>
/// The two queues that a proxy passes when it connects. What they bound is the work that is begun: of thousands that come at once, few are served at a time, each of them
/// soon, and what those need who are connected already waits behind few.
/// </summary>
public sealed class Admissions : IDisposable
{
    /// <summary>Handshakes under way at a time: enough to hide the clients' round trips, few enough that all of them are done within a fraction of a second.</summary>
    public const int HandshakesAtATime = 32;

    /// <summary>Proxies at a time that have asked for their configuration and do not have it yet.</summary>
    public const int ConnectsAtATime = 64;

    /// <summary>A client whose handshake takes longer is slow by itself.</summary>
    public static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(2);

    /// <summary>One that has not taken its configuration by then waits for something else: an authority that is down, or itself.</summary>
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    public Admissions(TimeProvider time, GatewayMetrics metrics)
    {
        Handshakes = new("handshake", HandshakesAtATime, HandshakeLimit, time, metrics);
        Connects = new("connect", ConnectsAtATime, ConnectLimit, time, metrics);
    }

    /// <summary>From a client's first byte until the TLS connection stands.</summary>
    public Admission Handshakes { get; }

    /// <summary>From a proxy's first request until it holds its listeners.</summary>
    public Admission Connects { get; }

    public void Dispose()
    {
        Handshakes.Dispose();
        Connects.Dispose();
    }
}
