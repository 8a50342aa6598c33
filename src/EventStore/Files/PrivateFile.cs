namespace OrleansMesh.EventStore.Files;

/// <summary>Files that only their owner may read: mode 0600 in directories of mode 0700.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes the directory with mode 0700 where there is none; one that exists keeps its mode.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Owner | UnixFileMode.UserExecute);
    }

    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode is not FileMode.Open)
            options.UnixCreateMode = Owner;
        return new FileStream(path, options);
    }

    /// <summary>Writes a file that is, after a crash at any moment, either whole or not there.</summary>
    /// <exception cref="IOException">The file exists, or the disk fails.</exception>
    public static void CreateWhole(string path, ReadOnlySpan<byte> content)
    {
        var draft = path + ".new";
        using (var file = Open(draft, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: false);
        DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>The octal mode when others than the owner may use the file, else null.</summary>
    public static string? ModeOpenToOthers(string path)
    {
        if (OperatingSystem.IsWindows())
            return null;
        var mode = File.GetUnixFileMode(path);
        return (mode & Others) == 0 ? null : "0" + Convert.ToString((int)mode, 8);
    }
}
