using Microsoft.Data.Sqlite;

namespace OrleansMesh.EventStore.Tests.Sqlite;

/// <summary>The database as anybody with SQLite sees it, behind the store's back.</summary>
internal static class RawDatabase
{
    public static List<string> Execute(string path, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        do
        {
            while (reader.Read())
                rows.Add(reader.GetString(0));
        }
        while (reader.NextResult());
        return rows;
    }
}
