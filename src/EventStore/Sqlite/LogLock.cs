using OrleansMesh.EventStore.Files;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>Holds the log for one process: an operating system lock (flock(2)), which ends with the process however that ends.</summary>
internal static class LogLock
{
    /// <exception cref="EventStoreUnavailableException">Another holds it.</exception>
    public static FileStream Take(string path)
    {
        try
        {
            return PrivateFile.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new EventStoreUnavailableException(
                $"the event log is in use: another process, or another store in this one, holds '{path}'", exception);
        }
    }
}
