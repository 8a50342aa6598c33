using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Files;

/// <summary>The folder that holds all that outlives the process: mode 0700, private files 0600.</summary>
public sealed class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode AllMayRead = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private DataFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Opens the folder and makes it where there is none.</summary>
    /// <exception cref="ServerStartException">It cannot be made.</exception>
    public static DataFolder Open(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
            return new(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServerStartException($"data: the folder {path} cannot be made: {e.Message}", e);
        }
    }

    public string FileNamed(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file that only its owner may read.</summary>
    public void WritePrivate(string name, string text) => Write(name, Text(text), OwnerOnly);

    /// <inheritdoc cref="WritePrivate(string, string)"/>
    public void WritePrivate(string name, Action<Stream> content) => Write(name, content, OwnerOnly);

    /// <summary>Writes a file that everybody who reaches the folder may read.</summary>
    public void WritePublic(string name, string text) => Write(name, Text(text), AllMayRead);

    public void Delete(string name) => File.Delete(FileNamed(name));

    private static Action<Stream> Text(string text) => file => file.Write(System.Text.Encoding.UTF8.GetBytes(text));

    // Whole or not at all, whoever reads and whenever the process ends.
    private void Write(string name, Action<Stream> content, UnixFileMode mode)
    {
        var draft = FileNamed(name) + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using (var file = new FileStream(draft, options))
        {
            content(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, FileNamed(name), overwrite: true);
    }
}
