using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.EventStore.Tests.Sqlite;

public sealed class SqliteDataKeyContractTests : DataKeyContract, IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private SqliteEventStore? _store;

    protected override IDataKeyStore Keys => _store!;

    public async Task InitializeAsync() => _store = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = _directory.Path });

    public async Task DisposeAsync()
    {
        await _store!.DisposeAsync();
        _directory.Dispose();
    }
}
