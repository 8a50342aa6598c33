using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>
/// SQLite's own check of the whole file (https://sqlite.org/pragma.html#pragma_integrity_check). The chain proves the events; this proves what
/// is beside them and leads to them: the index by stream, snapshots, data keys.
/// </summary>
internal static partial class FileIntegrity
{
    /// <exception cref="LogDamagedException">The file is damaged; its position is that of the first event that cannot be found by its stream,
    /// 0 where no event is named.</exception>
    public static void Check(string path)
    {
        using var connection = LogDatabase.OpenForReading(path);
        using var problem = new Statement(connection, "PRAGMA integrity_check");
        var problems = new List<string>();
        while (problem.Step())
            problems.Add(problem.Text(0));
        if (problems is ["ok"])
            return;
        var positions = problems
            .Select(static text => RowMissing().Match(text))
            .Where(static match => match.Success)
            .Select(static match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        throw new LogDamagedException(positions.DefaultIfEmpty(0).Min(), $"SQLite finds in its file: {string.Join("; ", problems.Take(3))}");
    }

    [GeneratedRegex("^row ([0-9]+) missing from index events_by_stream", RegexOptions.CultureInvariant)]
    private static partial Regex RowMissing();
}
