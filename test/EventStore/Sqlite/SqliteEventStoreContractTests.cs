using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.EventStore.Tests.Sqlite;

public sealed class SqliteEventStoreContractTests : EventStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override async Task<IEventStore> OpenAsync() =>
        await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = _directory.Path });
}
