using Npgsql;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>The tables, in a schema of their own (<c>orleansmesh</c>), and their version: made and brought up to date by whoever opens the log first.</summary>
internal static class PostgresSchema
{
    /// <summary>"OMev": no other program's lock in the same database should have this number.</summary>
    private const long MigrationLock = 0x4F4D6576;

    /// <summary>What brings the tables from one version to the next. A program of a version before is refused from then on, so a step is only for what such a
    /// program could not work with; whatever else comes is one of the <see cref="Additions"/>.</summary>
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE head (
            one boolean PRIMARY KEY CHECK (one),
            position bigint NOT NULL,
            chain bytea NOT NULL
        ) WITH (fillfactor = 10);
        INSERT INTO head VALUES (true, 0, decode(repeat('00', 32), 'hex'));
        CREATE TABLE events (
            position bigint PRIMARY KEY,
            stream text COLLATE "C" NOT NULL,
            version bigint NOT NULL,
            type text NOT NULL,
            actor text NOT NULL,
            at bigint NOT NULL,
            cause text NOT NULL,
            data bytea NOT NULL,
            chain bytea NOT NULL
        );
        CREATE UNIQUE INDEX events_by_stream ON events (stream, version);
        CREATE TABLE snapshots (
            stream text COLLATE "C" NOT NULL,
            schema integer NOT NULL,
            version bigint NOT NULL,
            data bytea NOT NULL,
            checksum bytea NOT NULL,
            PRIMARY KEY (stream, schema)
        );
        CREATE TABLE data_keys (
            id text COLLATE "C" PRIMARY KEY,
            kek_id text NOT NULL,
            wrapped bytea NOT NULL
        );
        CREATE TABLE leases (
            name text COLLATE "C" PRIMARY KEY,
            holder uuid NOT NULL,
            expires timestamptz NOT NULL
        )
        """,
    ];

    /// <summary>What came to the tables of the newest version since, and does not concern programs that lack it: these go on beside, and may be started.</summary>
    private static readonly string[] Additions =
    [
        """
        ALTER TABLE schema_version ADD COLUMN additions integer NOT NULL DEFAULT 0;
        ALTER TABLE leases ADD COLUMN program text, ADD COLUMN event_types text[]
        """,
    ];

    /// <summary>The form of the tables. A database of a later form is refused: an older binary cannot know what it would break.</summary>
    private static int Version => Steps.Length;

    /// <exception cref="EventStoreUnavailableException">The database cannot keep a log as it has to be kept, or has one of a later version.</exception>
    public static async Task PrepareAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        var (encoding, fsync, standby) = (await connection.QueryAsync(
            "SELECT current_setting('server_encoding'), current_setting('fsync'), pg_is_in_recovery()",
            static row => (row.GetString(0), row.GetString(1), row.GetBoolean(2)),
            cancellationToken).ConfigureAwait(false))[0];
        if (standby)
            throw new EventStoreUnavailableException($"{name} cannot be used: its server is a standby, which cannot be written");
        if (encoding != "UTF8")
            throw new EventStoreUnavailableException($"{name} cannot be used: its database has the encoding {encoding}, and UTF8 is expected");
        if (fsync != "on")
            throw new EventStoreUnavailableException($"{name} cannot be used: its server has fsync={fsync}, so nothing that it acknowledges is durable");

        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync($"SELECT pg_advisory_xact_lock({MigrationLock})", cancellationToken).ConfigureAwait(false);
        var (version, additions) = await FindVersionAsync(connection, cancellationToken).ConfigureAwait(false);
        if (version > Version)
        {
            throw new EventStoreUnavailableException(
                $"{name} has schema version {version}, and this program knows versions 1 to {Version}: start the version that wrote it, or a later one");
        }

        if (version == Version && additions >= Additions.Length)
            return;
        foreach (var statements in Steps[version..].Concat(Additions.Skip(additions)))
            await connection.ExecuteAsync(statements, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync($"UPDATE schema_version SET version = {Version}, additions = {Math.Max(additions, Additions.Length)}", cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>0 where there are no tables yet.</summary>
    private static async Task<(int Version, int Additions)> FindVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (hasSchema, hasVersion) = (await connection.QueryAsync(
            "SELECT to_regnamespace('orleansmesh') IS NOT NULL, to_regclass('orleansmesh.schema_version') IS NOT NULL",
            static row => (row.GetBoolean(0), row.GetBoolean(1)),
            cancellationToken).ConfigureAwait(false))[0];
        if (hasVersion)
        {
            // As JSON, since the column of the additions is one of them.
            return (await connection.QueryAsync(
                "SELECT version, coalesce((to_jsonb(found) ->> 'additions')::integer, 0) FROM schema_version found",
                static row => (row.GetInt32(0), row.GetInt32(1)),
                cancellationToken).ConfigureAwait(false))[0];
        }

        // A schema that an administrator has made is taken as it is: this user then needs no right to make one.
        if (!hasSchema)
            await connection.ExecuteAsync("CREATE SCHEMA orleansmesh", cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(
            "CREATE TABLE schema_version (version integer NOT NULL); INSERT INTO schema_version VALUES (0)", cancellationToken).ConfigureAwait(false);
        return (0, 0);
    }
}
