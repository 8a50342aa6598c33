namespace OrleansMesh.Cli.Documents;

/// <summary>The text of a file that holds documents.</summary>
/// <param name="Name">As a person knows it; <c>(standard input)</c> for that.</param>
internal sealed record DocumentFile(string Name, string Text)
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>
    /// The file at <paramref name="place"/>; standard input for <c>-</c>; for a folder its files that end in .yaml, .yml or .json, in ordinal order
    /// of their names, without folders in it.
    /// </summary>
    /// <exception cref="CommandFailedException">It cannot be read, or holds no such file.</exception>
    public static async Task<IReadOnlyList<DocumentFile>> ReadAsync(string place, TextReader standardInput, CancellationToken cancellation)
    {
        if (place == "-")
            return [new("(standard input)", await standardInput.ReadToEndAsync(cancellation))];
        try
        {
            if (!Directory.Exists(place))
                return [new(place, await File.ReadAllTextAsync(place, cancellation))];
            var files = new List<DocumentFile>();
            foreach (var path in Directory.EnumerateFiles(place).Where(HoldsDocuments).Order(StringComparer.Ordinal))
                files.Add(new(path, await File.ReadAllTextAsync(path, cancellation)));
            return files.Count > 0 ? files : throw new CommandFailedException($"{place} has no .yaml, .yml or .json file");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read {place}: {failure.Message}", failure);
        }
    }

    private static bool HoldsDocuments(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
