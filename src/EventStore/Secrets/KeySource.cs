using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace OrleansMesh.EventStore.Secrets;

/// <summary>Where an operator supplies the key-encryption key from; it is never made there.</summary>
public abstract record KeySource
{
    /// <summary>Reads the 32 bytes of the key; the caller clears them.</summary>
    /// <exception cref="SecretUnavailableException">There is none, or it is not one. The message never holds a part of what was read.</exception>
    public abstract Task<byte[]> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>True when it can be read once in the life of a process.</summary>
    internal virtual bool GivesOnce => false;

    /// <summary>Reads <c>file:PATH</c>, <c>env:NAME</c> or <c>command:COMMAND</c>.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static KeySource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(':', 2) switch
        {
            ["file", { Length: > 0 } path] => new FileKeySource(Path.GetFullPath(path)),
            ["env", { Length: > 0 } name] => new VariableKeySource(name),
            ["command", { Length: > 0 } command] => new CommandKeySource(command),
            _ => throw new FormatException("expected file:PATH, env:NAME or command:COMMAND"),
        };
    }

    /// <summary>The key in base64, as variables and commands give it.</summary>
    private protected static byte[] Decode(string text, string origin)
    {
        var key = new byte[KeyEncryptionKey.KeyBytes + 1];
        if (Convert.TryFromBase64String(text.Trim(), key, out var length) && length == KeyEncryptionKey.KeyBytes)
            return key[..length];
        CryptographicOperations.ZeroMemory(key);
        throw new SecretUnavailableException($"the key-encryption key of {origin} is not one: {KeyEncryptionKey.KeyBytes} bytes in base64 are expected");
    }
}

/// <summary>A file of 32 bytes that only its owner may read.</summary>
public sealed record FileKeySource(string Path) : KeySource
{
    public override Task<byte[]> ReadAsync(CancellationToken cancellationToken = default) => File.Exists(Path)
        ? Task.FromResult(KeyEncryptionKey.ReadFile(Path))
        : throw new SecretUnavailableException($"the key-encryption key '{Path}' is missing: put it there; it is made nowhere but in the data folder");

    public override string ToString() => $"file:{Path}";
}

/// <summary>An environment variable that holds the key in base64. It is taken out of the environment, so that no child process inherits it.</summary>
public sealed record VariableKeySource(string Name) : KeySource
{
    public override Task<byte[]> ReadAsync(CancellationToken cancellationToken = default)
    {
        var text = Environment.GetEnvironmentVariable(Name);
        if (string.IsNullOrEmpty(text))
            throw new SecretUnavailableException($"the key-encryption key is missing: the environment variable {Name} is not set");
        var key = Decode(text, $"the environment variable {Name}");
        Environment.SetEnvironmentVariable(Name, null);
        return Task.FromResult(key);
    }

    internal override bool GivesOnce => true;

    public override string ToString() => $"env:{Name}";
}

/// <summary>A command, run by <c>/bin/sh</c>, that prints the key in base64: what fetches it from a vault or has a key management service decrypt it.</summary>
public sealed record CommandKeySource(string Command) : KeySource
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public override async Task<byte[]> ReadAsync(CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Command]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.ASCII })
            ?? throw new SecretUnavailableException("the command that prints the key-encryption key cannot be started");
        try
        {
            var printed = await process.StandardOutput.ReadToEndAsync(limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return process.ExitCode == 0
                ? Decode(printed, "the command")
                : throw new SecretUnavailableException($"the command that prints the key-encryption key failed with exit code {process.ExitCode}");
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new SecretUnavailableException($"the command that prints the key-encryption key did not end within {Limit.TotalSeconds:0} seconds", e);
        }
    }

    public override string ToString() => "command";
}
