using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.EventStore.Tests;

public sealed class PostgresPresenceTests
{
    [SkippableFact]
    public void The_contract_is_tested_over_PostgreSQL_as_well()
    {
        PostgresServer.Require();
        Assert.Contains(typeof(PostgresServer).Assembly.GetTypes(), type => type.Name == "PostgresEventStoreContractTests");
    }
}
