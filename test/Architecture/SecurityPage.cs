using System.Text.RegularExpressions;

namespace OrleansMesh.Architecture.Tests;

/// <summary>
/// What is wrong with a page that names a test for each of its claims: claims are the rows of its tables, and the last cell of each holds the names of the tests that show it.
/// Sections that claim nothing are exempt: what is assumed, and what there is no protection from.
/// </summary>
internal static partial class SecurityPage
{
    private static readonly string[] SectionsWithoutClaims = ["Assumed", "What it does not protect from"];

    /// <summary>Everything that is wrong, a line each; empty where nothing is.</summary>
    /// <param name="page">Markdown.</param>
    /// <param name="sources">The tests' C# files, by the name of the file, which is that of its class.</param>
    public static List<string> Complaints(string page, ILookup<string, string> sources)
    {
        List<string> complaints = [];
        foreach (var section in page.Split("\n## ").Skip(1))
        {
            var lines = section.Split('\n');
            var rows = lines.Where(line => line.StartsWith('|')).ToList();
            if (rows.Count <= 2 && !SectionsWithoutClaims.Contains(lines[0].Trim()))
                complaints.Add($"the section '{lines[0].Trim()}' has no table of claims");
            if (rows.Count > 0 && Cells(rows[0])[^1] != "Shown by")
                complaints.Add($"the table of '{lines[0].Trim()}' has no last column 'Shown by'");
            foreach (var row in rows.Skip(2))
                complaints.AddRange(ComplaintsOf(Cells(row), sources));
        }

        // A test that is named beside the tables has to be there as well.
        foreach (var test in page.Split('\n').Where(line => !line.StartsWith('|')).SelectMany(line => NamedInProse().Matches(line)))
        {
            if (!IsThere(test, sources))
                complaints.Add($"{test.Value} is named, and there is no such test that runs");
        }

        return complaints;
    }

    private static IEnumerable<string> ComplaintsOf(string[] cells, ILookup<string, string> sources)
    {
        var names = cells[^1].Split(", ");
        if (cells.Length < 2 || cells[..^1].Any(cell => cell.Length == 0))
            yield return $"the row '{string.Join(" | ", cells)}' claims nothing";
        foreach (var name in names)
        {
            if (NamedTest().Match(name) is not { Success: true } test)
                yield return $"'{cells[0]}' is shown by '{name}', which is no `Class.Method`";
            else if (!IsThere(test, sources))
                yield return $"'{cells[0]}' is shown by {name}, and there is no such test that runs";
        }
    }

    private static bool IsThere(Match test, ILookup<string, string> sources)
        => sources[test.Groups["class"].Value].Any(source => HasTest(source, test.Groups["method"].Value));

    /// <summary>A public method of that name under an attribute that makes it a test, and not one that is skipped.</summary>
    private static bool HasTest(string source, string method)
    {
        var lines = source.Split('\n').Select(line => line.Trim()).ToList();
        var at = lines.FindIndex(line => Regex.IsMatch(line, $@"^public (async )?(Task|void) {method}\("));
        if (at < 0)
            return false;
        var attributes = lines.Take(at).Reverse().TakeWhile(line => line.Length > 0 && line is not ("{" or "}")).ToList();
        return attributes.Any(line => TestAttribute().IsMatch(line)) && !attributes.Any(line => line.Contains("Skip =", StringComparison.Ordinal));
    }

    private static string[] Cells(string row) => [.. row.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];

    /// <summary><c>Class.Method</c> in backquotes; a class of tests ends in Tests or Properties.</summary>
    [GeneratedRegex(@"^`(?<class>\w+(Tests|Properties))\.(?<method>\w+)`$")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"`(?<class>\w+(Tests|Properties))\.(?<method>\w+)`")]
    private static partial Regex NamedInProse();

    [GeneratedRegex(@"^\[(Skippable)?(Fact|Theory)\b|^\[Property\b")]
    private static partial Regex TestAttribute();
}
