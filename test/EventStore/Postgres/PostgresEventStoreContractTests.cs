using OrleansMesh.EventStore.Postgres;

namespace OrleansMesh.EventStore.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresEventStoreContractTests(PostgresServer server) : EventStoreContract
{
    private PostgresAddress? _address;

    protected override async Task<IEventStore> OpenAsync() =>
        await PostgresEventStore.OpenAsync(_address ??= await server.CreateDatabaseAsync());
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresLeasesContractTests(PostgresServer server) : LeasesContract, IAsyncLifetime
{
    private PostgresEventStore? _store;

    public async Task InitializeAsync() => _store = await PostgresEventStore.OpenAsync(await server.CreateDatabaseAsync());

    public async Task DisposeAsync() => await _store!.DisposeAsync();

    protected override Task<ILeases> LeasesAsync() => Task.FromResult(_store!.Leases);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresDataKeyContractTests(PostgresServer server) : DataKeyContract, IAsyncLifetime
{
    private PostgresEventStore? _store;

    protected override IDataKeyStore Keys => _store!.Keys;

    public async Task InitializeAsync() => _store = await PostgresEventStore.OpenAsync(await server.CreateDatabaseAsync());

    public async Task DisposeAsync() => await _store!.DisposeAsync();
}
