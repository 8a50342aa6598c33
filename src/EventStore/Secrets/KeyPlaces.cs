using System.Security.Cryptography;
using OrleansMesh.EventStore.Files;

namespace OrleansMesh.EventStore.Secrets;

/// <summary>Where a server finds its key-encryption key, and the one that is to follow it.</summary>
/// <param name="File">The data folder's own key, where none is supplied; the next one is beside it, with <c>.next</c> at its end.</param>
/// <param name="Present">Where the operator supplies the key; null: <paramref name="File"/>.</param>
/// <param name="Next">Where the operator supplies the next one; null: the file beside <paramref name="File"/>.</param>
/// <param name="IsShared">True when other servers have the same log: no key is made here then, since they would lack it.</param>
public sealed record KeyPlaces(string File, KeySource? Present, KeySource? Next, bool IsShared)
{
    private string NextFile => File + ".next";

    private bool IsInFolder => Present is null && Next is null;

    /// <summary>The next key; null when there is none yet. It is durable when this returns, if it is a file of the folder.</summary>
    /// <param name="before">What was read there before, for sources that give it once.</param>
    /// <exception cref="SecretUnavailableException">It is supplied and cannot be had.</exception>
    internal async Task<KeyEncryptionKey?> ReadNextAsync(KeyEncryptionKey? before, CancellationToken cancellationToken)
    {
        if (Next is null)
            return IsInFolder && System.IO.File.Exists(NextFile) ? ReadNextFile() : null;
        if (Next.GivesOnce && before is not null)
            return before;
        var key = await Next.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return new KeyEncryptionKey(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Makes the next key, durable before a data key is wrapped by it.</summary>
    /// <exception cref="SecretUnavailableException">It is not made here, but put there by the operator.</exception>
    internal KeyEncryptionKey MakeNext()
    {
        if (!IsInFolder)
            throw new SecretUnavailableException("there is no next key-encryption key: where the present one is supplied, set keyEncryptionKeyNext to where the next one is, and restart");
        if (IsShared)
        {
            throw new SecretUnavailableException(
                $"there is no next key-encryption key '{NextFile}': put the same 32 random bytes there on every server of this log, mode 0600, and ask again");
        }

        Span<byte> made = stackalloc byte[KeyEncryptionKey.KeyBytes];
        try
        {
            RandomNumberGenerator.Fill(made);
            PrivateFile.CreateWhole(NextFile, made);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SecretUnavailableException($"the next key-encryption key '{NextFile}' cannot be made: {exception.Message}", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(made);
        }

        return ReadNextFile();
    }

    /// <summary>
    /// Puts the next key in the place of the present one, by which nothing is wrapped any more: what the old file holds is overwritten, then the next one
    /// takes its name. A crash between the two leaves the next key whole under its own name, and the start after it does this again.
    /// </summary>
    /// <returns>What is left to do for the operator; null: nothing.</returns>
    /// <exception cref="SecretUnavailableException">The file cannot be put there, or holds another key meanwhile. The next key is still where it was.</exception>
    internal string? Install(KeyEncryptionKey next)
    {
        if (!IsInFolder)
        {
            return $"set keyEncryptionKey to what keyEncryptionKeyNext is ({Next}){(IsShared ? " on every server" : "")} and take keyEncryptionKeyNext away, "
                + "then destroy the old key";
        }

        using (var there = ReadNextFile())
        {
            if (there.Id != next.Id)
                throw new SecretUnavailableException($"'{NextFile}' holds the key-encryption key {there.Id} now, and the data keys are wrapped by {next.Id}: put that one back");
        }

        try
        {
            Overwrite(File);
            System.IO.File.Move(NextFile, File, overwrite: true);
            DirectorySync.Flush(Folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SecretUnavailableException(
                $"every data key is wrapped by the next key-encryption key, which is still '{NextFile}': it could not take the place of '{File}': {exception.Message}", exception);
        }

        return IsShared ? "restart every other server: each puts its own next key in place, and destroys the old one, at its start" : null;
    }

    private string Folder => Path.GetDirectoryName(Path.GetFullPath(File))!;

    // Whoever put it there may not have waited for the disk.
    private KeyEncryptionKey ReadNextFile()
    {
        var key = KeyEncryptionKey.ReadFile(NextFile);
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                using var file = PrivateFile.Open(NextFile, FileMode.Open, FileAccess.Read, FileShare.Read);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
                DirectorySync.Flush(Folder);
            }

            return new KeyEncryptionKey(key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SecretUnavailableException($"the next key-encryption key '{NextFile}' cannot be made durable: {exception.Message}", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    // As well as can be: a file system that copies on write, and a disk that levels its wear, keep the old blocks for a while.
    private static void Overwrite(string path)
    {
        if (!System.IO.File.Exists(path))
            return;
        using var file = PrivateFile.Open(path, FileMode.Open, FileAccess.Write, FileShare.Read);
        file.Write(RandomNumberGenerator.GetBytes(KeyEncryptionKey.KeyBytes));
        file.Flush(flushToDisk: true);
    }
}
