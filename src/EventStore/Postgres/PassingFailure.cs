using System.Net.Sockets;
using Npgsql;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Tells a database that is away, and may be there in a moment, from one that is there and refuses.</summary>
internal static class PassingFailure
{
    /// <summary>
    /// Its machine or its name cannot be reached, it does not answer, it breaks the connection off, or it says itself that it starts, stops, is full, or that
    /// another session keeps it waiting. A wrong password, a database that is not there and a certificate that is not trusted are none of these.
    /// </summary>
    public static bool Is(Exception exception) => exception switch
    {
        // PostgreSQL's Appendix A: class 08 connection exceptions; 53300 too_many_connections; 55P03 lock_not_available; 57P01 to 57P03 it is shut down or starts.
        PostgresException { SqlState: var state } =>
            state.StartsWith("08", StringComparison.Ordinal) || state is "53300" or "55P03" or "57P01" or "57P02" or "57P03",
        SocketException { SocketErrorCode: var error } => error is not SocketError.AccessDenied,
        TimeoutException or EndOfStreamException or OperationCanceledException => true,
        AggregateException all => all.InnerExceptions.Any(Is),
        _ => exception.InnerException is { } inner && Is(inner),
    };
}
