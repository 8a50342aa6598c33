using Npgsql;
using OrleansMesh.EventStore.Writing;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>One transaction in the making, column by column, as the statement that inserts it takes them.</summary>
internal sealed class PostgresDraft(EventChain hash, LockedEnd end) : EventDraft(hash, end.Position, end.Chain)
{
    private const string InsertEvents = """
        INSERT INTO events (position, stream, version, type, actor, at, cause, data, chain)
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bytea[], $9::bytea[])
        """;

    private readonly List<long> _positions = [];
    private readonly List<string> _streams = [];
    private readonly List<long> _versions = [];
    private readonly List<string> _types = [];
    private readonly List<string> _actors = [];
    private readonly List<long> _instants = [];
    private readonly List<string> _causes = [];
    private readonly List<ReadOnlyMemory<byte>> _data = [];
    private readonly List<byte[]> _links = [];

    public bool IsEmpty => _positions.Count == 0;

    /// <summary>Bytes of JSON in all events.</summary>
    public long Size { get; private set; }

    /// <summary>Writes it all, moves the end of the log, tells the followers, and commits.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        Add(InsertEvents, Value(_positions), Value(_streams), Value(_versions), Value(_types), Value(_actors), Value(_instants), Value(_causes), Value(_data), Value(_links));
        Add("UPDATE head SET position = $1, chain = $2", Value(Position), Value(Chain.ToArray()));
        Add($"SELECT pg_notify('{PostgresListener.Channel}', $1)", Value($"{Position}"));
        Add("COMMIT");

        void Add(string sql, params NpgsqlParameter[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddRange(values);
            batch.BatchCommands.Add(command);
        }
    }

    public override Exception? Refusal(string eventType) => end.Unreadable.GetValueOrDefault(eventType);

    protected override StreamHead Committed(string stream) => end.Heads.GetValueOrDefault(stream);

    protected override void Write(long position, string stream, long version, NewEvent added, ReadOnlySpan<byte> link)
    {
        _positions.Add(position);
        _streams.Add(stream);
        _versions.Add(version);
        _types.Add(added.Type);
        _actors.Add(added.Context.Actor);
        _instants.Add(added.Context.At.UtcTicks);
        _causes.Add(added.Context.Cause);
        _data.Add(added.Data);
        _links.Add(link.ToArray());
        Size += added.Data.Length;
    }
}
