using System.Data;
using System.Net.Sockets;
using Npgsql;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Connections to the database: how they are made and protected, and what their errors mean.</summary>
internal sealed class PostgresConnections : IAsyncDisposable
{
    /// <summary>Seconds after which a statement, or an attempt to connect, is given up: what does not answer by then is away.</summary>
    public const int Patience = 5;

    /// <summary>Connections of the pool, at most; whoever needs one waits for it. Two more write and listen.</summary>
    private const int Limit = 8;

    private readonly PostgresAddress _address;
    private readonly NpgsqlDataSource _pool;
    private readonly NpgsqlDataSource _own;
    private readonly SemaphoreSlim _free = new(Limit, Limit);
    private volatile bool _closed;

    public PostgresConnections(PostgresAddress address, string? passwordFile)
    {
        _address = address;
        _pool = Build(address, passwordFile, pooling: true);
        _own = Build(address, passwordFile, pooling: false);
    }

    /// <summary>Where the log is, for messages.</summary>
    public string Name => $"the event log at {_address}";

    public StoreAvailability Availability { get; } = new();

    /// <summary>A connection for one user alone, closed for good when it is disposed.</summary>
    public async Task<NpgsqlConnection> OpenOwnAsync(CancellationToken cancellationToken) =>
        await _own.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Drops the pool's idle connections: what broke the listener's has most likely broken them, and each would cost somebody an error.</summary>
    public void Renew() => _pool.Clear();

    /// <summary>Runs work that reads or writes on a connection of the pool.</summary>
    /// <exception cref="EventStoreUnavailableException">The database cannot be used now.</exception>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    public async Task<T> UseAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        NpgsqlConnection? opened = null;
        try
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(PostgresEventStore));
            ThrowIfAway();
            using var connection = opened = await _pool.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            return await work(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException && opened is { State: not ConnectionState.Open })
        {
            // It broke between two statements, as when the keepalive finds out first, and was then used as one that is open.
            throw new EventStoreUnavailableException($"{Name} cannot be used now: the connection broke", exception) { MayPass = true };
        }
        catch (Exception exception) when (IsAway(exception, cancellationToken))
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(PostgresEventStore));
            throw Unavailable(exception);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Nobody waits for a database that is known to be away: the listener finds out when it is back.</summary>
    /// <exception cref="EventStoreUnavailableException">It is away.</exception>
    public void ThrowIfAway()
    {
        if (Availability.Problem is { } problem)
            throw new EventStoreUnavailableException(problem) { MayPass = true };
    }

    /// <summary>Whether an error says that the database cannot be used, rather than that it was used wrongly or the caller has cancelled.</summary>
    public static bool IsAway(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        NpgsqlException or TimeoutException or IOException or SocketException or UnauthorizedAccessException => true,
        ObjectDisposedException { ObjectName: { } name } => name.Contains("Npgsql", StringComparison.Ordinal),
        _ => false,
    };

    public EventStoreUnavailableException Unavailable(Exception exception) =>
        new($"{Name} cannot be used now: {Reason(exception)}", exception) { MayPass = PassingFailure.Is(exception) };

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await _pool.DisposeAsync().ConfigureAwait(false);
        await _own.DisposeAsync().ConfigureAwait(false);
    }

    internal static NpgsqlDataSource Build(PostgresAddress address, string? passwordFile, bool pooling)
    {
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port,
            Database = address.Database,
            Username = address.User,
            SslMode = address.Tls switch
            {
                PostgresTls.Disable => SslMode.Disable,
                PostgresTls.Prefer => address.Host.StartsWith('/') ? SslMode.Disable : SslMode.Prefer,
                PostgresTls.VerifyCa => SslMode.VerifyCA,
                _ => SslMode.VerifyFull,
            },
            RootCertificate = address.RootCertificateFile,
            SslCertificate = address.ClientCertificateFile,
            SslKey = address.ClientKeyFile,
            GssEncryptionMode = GssEncryptionMode.Disable,
            ApplicationName = "OrleansMesh",
            Timeout = Patience,
            CommandTimeout = Patience,
            KeepAlive = Patience,
            Pooling = pooling,
            MaxPoolSize = Limit,
            MaxAutoPrepare = 20,
            AutoPrepareMinUsages = 2,
            // A reset would undo what SessionSettings says.
            NoResetOnClose = true,
        }.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            static connection => connection.ExecuteSession(),
            static connection => connection.ExecuteSessionAsync());
        if (passwordFile is not null)
            builder.UsePasswordProvider(_ => PasswordIn(passwordFile), (_, _) => ValueTask.FromResult(PasswordIn(passwordFile)));
        return builder.Build();
    }

    // Npgsql's own message says little where it wraps another.
    private static string Reason(Exception exception) => exception switch
    {
        PostgresException refused => $"{refused.MessageText} ({refused.SqlState})",
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => "it does not answer",
        NpgsqlException { InnerException: { } inner } when inner.Message != exception.Message => $"{exception.Message.TrimEnd('.')}: {inner.Message}",
        _ => exception.Message,
    };

    private static string PasswordIn(string file)
    {
        using var reader = new StreamReader(file);
        return reader.ReadLine() ?? throw new IOException($"the password file '{file}' is empty");
    }
}
