namespace OrleansMesh.EventStore;

/// <summary>Where a log is kept, as operators write it: a folder, or <c>postgres://user@host:port/database</c>.</summary>
public abstract record StoreAddress
{
    /// <summary>Reads what an operator wrote. An error never repeats it, since it may hold a password by mistake.</summary>
    /// <exception cref="FormatException">It is neither; the message says what was expected.</exception>
    public static StoreAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (PostgresAddress.IsMeant(text))
            return PostgresAddress.Read(text);
        if (text.Length == 0 || text.Contains("://", StringComparison.Ordinal) || text.AsSpan().ContainsAny('=', ';', '\0'))
            throw new FormatException("expected a folder, or postgres://user@host:port/database");
        return new FolderAddress(Path.GetFullPath(text));
    }
}

/// <summary>A log of SQLite, for one process.</summary>
/// <param name="Folder">An absolute path.</param>
public sealed record FolderAddress(string Folder) : StoreAddress
{
    public override string ToString() => Folder;
}
