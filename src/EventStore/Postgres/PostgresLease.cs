using System.Diagnostics;
using Microsoft.Extensions.Logging;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>
/// A lease of this server. Its own clock runs from before each request to the database, and for a shorter time: so it knows of its loss before
/// another can have it.
/// </summary>
internal sealed class PostgresLease : ILease
{
    /// <summary>How long it lasts without renewal, by the database's clock.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    /// <summary>How long this server counts on it. The rest is for clocks that run at different speeds and for work that is slow to stop.</summary>
    private static readonly TimeSpan Sure = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    private readonly PostgresConnections _connections;
    private readonly string _name;
    private readonly Guid _holder;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _released = new();
    private readonly Task _renewing;
    private int _disposed;

    /// <param name="asked">The timestamp of before it was asked for.</param>
    public PostgresLease(PostgresConnections connections, string name, Guid holder, long asked, ILogger logger)
    {
        _connections = connections;
        _name = name;
        _holder = holder;
        _logger = logger;
        CountFrom(asked);
        _renewing = Task.Run(RenewAsync);
    }

    public CancellationToken Lost => _lost.Token;

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _released.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _lost.CancelAfter(Timeout.InfiniteTimeSpan);
        try
        {
            await _connections.UseAsync(
                (connection, cancelled) => connection.ExecuteAsync(
                    "DELETE FROM leases WHERE name = $1 AND holder = $2", cancelled, Value(_name), Value(_holder)),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is EventStoreUnavailableException or ObjectDisposedException)
        {
            _logger.LogDebug(exception, "The lease {Name} was not given free; it runs out by itself", _name);
        }
    }

    private async Task RenewAsync()
    {
        while (!_lost.IsCancellationRequested)
        {
            await Task.Delay(RenewEvery, _released.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_released.IsCancellationRequested)
                return;
            var asked = Stopwatch.GetTimestamp();
            try
            {
                var renewed = await _connections.UseAsync(
                    (connection, cancelled) => connection.ExecuteAsync(
                        "UPDATE leases SET expires = clock_timestamp() + $3 WHERE name = $1 AND holder = $2 AND expires > clock_timestamp()",
                        cancelled,
                        Value(_name),
                        Value(_holder),
                        Value(Length)),
                    _lost.Token).ConfigureAwait(false);
                if (renewed == 1)
                    CountFrom(asked);
                else
                    await _lost.CancelAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is EventStoreUnavailableException or ObjectDisposedException or OperationCanceledException)
            {
                // Tried again until its time is up.
                _logger.LogDebug(exception, "The lease {Name} was not renewed", _name);
            }
        }

        _logger.LogWarning("The lease {Name} is lost: it could not be renewed in time, or another server has it", _name);
    }

    private void CountFrom(long asked)
    {
        var left = Sure - Stopwatch.GetElapsedTime(asked);
        _lost.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }
}
