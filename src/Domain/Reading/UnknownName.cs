namespace OrleansMesh.Domain.Reading;

/// <summary>Says which names there are where a name is not one of them.</summary>
internal static class UnknownName
{
    /// <summary>The most edits by which a name is taken for a misspelling of another.</summary>
    private const int NearEnough = 2;

    public static string Message(string problem, string name, IReadOnlyList<string> expected)
    {
        var nearest = expected.Select(e => (Name: e, Distance: Distance(name, e))).OrderBy(e => e.Distance).FirstOrDefault();
        var hint = nearest.Name is not null && nearest.Distance <= Math.Min(NearEnough, name.Length / 3) ? $"; did you mean '{nearest.Name}'?" : "";
        return $"{problem}; expected one of {string.Join(", ", expected)}{hint}";
    }

    /// <summary>Levenshtein's distance, case aside; names of very different length are as far as they are long.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > NearEnough)
            return Math.Max(a.Length, b.Length);
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + change));
            }
        }

        return row[b.Length];
    }
}
