namespace OrleansMesh.EventStore.Tests.Postgres;

/// <summary>The tests that share one PostgreSQL, each with a database of its own in it. Not run beside one another.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}
