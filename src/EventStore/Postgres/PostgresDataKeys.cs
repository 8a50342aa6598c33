using System.Runtime.CompilerServices;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Wrapped data keys in a table of their own. What is left of a destroyed one: <c>docs/adr/0009-postgresql-store.md</c>.</summary>
internal sealed class PostgresDataKeys(PostgresConnections connections) : IDataKeyStore
{
    public async Task PutAsync(WrappedDataKey key, CancellationToken cancellationToken = default)
    {
        AppendValidation.CheckKey(key);
        var added = await connections.UseAsync(
            (connection, cancelled) => connection.ExecuteAsync(
                "INSERT INTO data_keys (id, kek_id, wrapped) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                cancelled,
                Value(key.Id),
                Value(key.KekId),
                Value(key.Wrapped)),
            cancellationToken).ConfigureAwait(false);
        if (added == 0)
            throw AppendValidation.UsedKeyId(key.Id);
    }

    public async Task<WrappedDataKey?> GetAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        var found = await connections.UseAsync(
            (connection, cancelled) => connection.QueryAsync(
                "SELECT kek_id, wrapped FROM data_keys WHERE id = $1",
                row => new WrappedDataKey(id, row.GetString(0), row.GetFieldValue<byte[]>(1)),
                cancelled,
                Value(id)),
            cancellationToken).ConfigureAwait(false);
        return found is [var key] && !DestroyedKey.Is(key.Wrapped.Span) ? key : null;
    }

    /// <remarks>
    /// An update leaves the row's old version where it was, until a vacuum takes it, and in the page's unused space even then. VACUUM FULL writes the
    /// table anew without it and removes the old file.
    /// </remarks>
    public async Task DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        await connections.UseAsync(
            async (connection, cancelled) =>
            {
                await connection.ExecuteAsync(
                    "UPDATE data_keys SET wrapped = decode(repeat('00', length(wrapped)), 'hex') WHERE id = $1", cancelled, Value(id)).ConfigureAwait(false);
                return await connection.ExecuteAsync("VACUUM FULL data_keys", cancelled).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <remarks>What the update leaves, and what VACUUM FULL does against it: <see cref="DestroyAsync"/>.</remarks>
    public async Task<bool> ReplaceAsync(WrappedDataKey old, WrappedDataKey rewrapped, CancellationToken cancellationToken = default)
    {
        AppendValidation.CheckReplacement(old, rewrapped);
        return await connections.UseAsync(
            async (connection, cancelled) =>
            {
                var replaced = await connection.ExecuteAsync(
                    "UPDATE data_keys SET kek_id = $4, wrapped = $5 WHERE id = $1 AND kek_id = $2 AND wrapped = $3",
                    cancelled,
                    Value(old.Id),
                    Value(old.KekId),
                    Value(old.Wrapped),
                    Value(rewrapped.KekId),
                    Value(rewrapped.Wrapped)).ConfigureAwait(false);
                if (replaced > 0)
                    await connection.ExecuteAsync("VACUUM FULL data_keys", cancelled).ConfigureAwait(false);
                return replaced > 0;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<string>> KekIdsAsync(CancellationToken cancellationToken = default) => await connections.UseAsync(
        static (connection, cancelled) => connection.QueryAsync(
            "SELECT DISTINCT kek_id FROM data_keys WHERE wrapped <> decode(repeat('00', length(wrapped)), 'hex')", static row => row.GetString(0), cancelled),
        cancellationToken).ConfigureAwait(false);

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var ids = await connections.UseAsync(
            static (connection, cancelled) => connection.QueryAsync(
                "SELECT id FROM data_keys WHERE wrapped <> decode(repeat('00', length(wrapped)), 'hex') ORDER BY id", static row => row.GetString(0), cancelled),
            cancellationToken).ConfigureAwait(false);
        foreach (var id in ids)
            yield return id;
    }
}
