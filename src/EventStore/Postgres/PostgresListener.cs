using System.Globalization;
using Microsoft.Extensions.Logging;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Hears of every commit, whoever made it, and moves the end of the log on; knows first when the database goes away, and when it is back.</summary>
internal sealed class PostgresListener : IAsyncDisposable
{
    /// <summary>The channel on which a commit tells its last position.</summary>
    public const string Channel = "orleansmesh_log";

    private const string SessionName = "OrleansMesh listener";

    /// <summary>How long a silence lasts before it is asked whether something was missed, or the database is away. Not the way of a change.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly PostgresConnections _connections;
    private readonly LogProof _proof;
    private readonly LogEnd _end;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private CancellationTokenSource _check = new();

    public PostgresListener(PostgresConnections connections, LogProof proof, LogEnd end, ILogger logger)
    {
        _connections = connections;
        _proof = proof;
        _end = end;
        _logger = logger;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Finds out now whether the database is there, since somebody had trouble with it.</summary>
    public void CheckNow()
    {
        try
        {
            Volatile.Read(ref _check).Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It is about to be found out.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var wait = ShortestWait;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var check = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                Volatile.Write(ref _check, check);
                await ListenAsync(() => wait = ShortestWait, check.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // It is to be checked, or the store is closed.
            }
            catch (LogDamagedException damage)
            {
                _connections.Availability.Away(damage.Message);
                _end.Fail(damage);
                return;
            }
            catch (Exception exception)
            {
                var problem = _connections.Unavailable(exception).Message;
                if (_connections.Availability.Problem is null)
                    _logger.LogError("{Problem}; what was read goes on being served, and nothing can be written", problem);
                _connections.Availability.Away(problem);
                await Task.Delay(wait, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                wait = TimeSpan.FromTicks(Math.Min(2 * wait.Ticks, LongestWait.Ticks));
            }
        }
    }

    private async Task ListenAsync(Action connected, CancellationToken cancellationToken)
    {
        await using var connection = await _connections.OpenOwnAsync(cancellationToken).ConfigureAwait(false);
        connection.Notification += (_, notification) =>
        {
            if (notification.Channel == Channel && long.TryParse(notification.Payload, CultureInfo.InvariantCulture, out var position))
                _end.AdvanceTo(position);
        };
        // Before the end is read, so that nothing in between is missed. The name is for whoever looks at the database's sessions.
        await connection.ExecuteAsync($"SET application_name = '{SessionName}'; LISTEN {Channel}", cancellationToken).ConfigureAwait(false);
        _end.AdvanceTo(await _proof.ProveAsync(connection, cancellationToken).ConfigureAwait(false));
        connected();
        if (_connections.Availability.Problem is not null)
            _logger.LogInformation("{Name} can be used again; it ends at position {Position}", _connections.Name, _end.Position);
        _connections.Renew();
        _connections.Availability.Back();
        while (true)
        {
            if (!await connection.WaitAsync(Silence, cancellationToken).ConfigureAwait(false))
                _end.AdvanceTo(await _proof.ProveAsync(connection, cancellationToken).ConfigureAwait(false));
        }
    }
}
