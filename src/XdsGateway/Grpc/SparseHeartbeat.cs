using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>
/// Has Kestrel look after a connection every few seconds instead of every second. Each look wakes the reading loop of an HTTP/2 connection, and with
/// thousands of connections that say nothing for hours these looks were most of what an idle server did. Kestrel's time-outs are measured by
/// the clock, so they come late by <see cref="Interval"/> at most.
/// </summary>
public static class SparseHeartbeat
{
    /// <summary>How often a connection is looked after.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(Beats);

    /// <summary>Kestrel's heart beats once a second.</summary>
    private const int Beats = 20;

    private static int _connections;

    /// <summary>For the connections of this listener; before anything else that uses them.</summary>
    public static void UseSparseHeartbeat(this IConnectionBuilder listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        listener.Use(next => connection =>
        {
            if (connection.Features.Get<IConnectionHeartbeatFeature>() is { } every)
                connection.Features.Set<IConnectionHeartbeatFeature>(new EveryFew(every, Interlocked.Increment(ref _connections)));
            return next(connection);
        });
    }

    /// <param name="start">Different for different connections, so that not all of them are looked after in the same second.</param>
    private sealed class EveryFew(IConnectionHeartbeatFeature every, int start) : IConnectionHeartbeatFeature
    {
        public void OnHeartbeat(Action<object> action, object state)
        {
            var beats = (uint)start;
            every.OnHeartbeat(
                _ =>
                {
                    if (++beats % Beats == 0)
                        action(state);
                },
                state);
        }
    }
}
