using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Authorities;

/// <summary>
/// The files that a mesh may name. Whoever may change a mesh must not learn by it what is in any file that the server can read, so they are those of one
/// folder that the server's own configuration names, and none where it names none.
/// </summary>
internal sealed class ProvidedFiles(ServerConfiguration configuration)
{
    private const int MostBytes = 1024 * 1024;

    /// <returns>The content, or why it cannot be had.</returns>
    public (string? Content, string? Problem) Read(string path)
    {
        if (configuration.Authorities.Folder is not { } folder)
            return (null, $"files are read only where the server's setting {Settings.AuthoritiesFolder.Path} names a folder for them; it does not");
        var outside = $"expected a file in {folder}, which the server's setting {Settings.AuthoritiesFolder.Path} names";
        try
        {
            var file = new FileInfo(Path.GetFullPath(path, folder));
            if (!IsInside(file.FullName, folder) || (file.ResolveLinkTarget(returnFinalTarget: true) is { } target && !IsInside(target.FullName, folder)))
                return (null, outside);
            using var content = file.OpenRead();
            if (content.Length > MostBytes)
                return (null, $"expected at most {MostBytes} bytes");
            using var reader = new StreamReader(content);
            return (reader.ReadToEnd(), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return (null, "expected a file that the server can read");
        }
    }

    private static bool IsInside(string path, string folder)
        => path.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
