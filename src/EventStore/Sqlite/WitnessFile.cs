using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OrleansMesh.EventStore.Files;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>
/// The position and chain value of the last acknowledged event, beside the database. SQLite leaves out damaged frames at the end of its
/// write-ahead log without a word; the witness is what tells that events are missing there.
/// </summary>
/// <remarks>
/// One line of text of fixed length: <c>orleansmesh-witness 1 {position, 20 digits} {chain, hexadecimal} {checksum}</c>, where the checksum is the
/// first 16 hexadecimal digits of SHA-256 over what is before it. It is rewritten in place by one write of less than a sector after each commit
/// and before its acknowledgement, and not synchronised: it outlives the process that wrote it, and after a power loss it may be behind the
/// log but never ahead of it, since the log was synchronised first.
/// </remarks>
internal sealed class WitnessFile : IDisposable
{
    private const string Form = "orleansmesh-witness 1 ";
    private const int PositionDigits = 20;
    private const int ChecksumDigits = 16;
    private const int SignedLength = 22 + PositionDigits + 1 + (EventChain.Length * 2) + 1;
    private const int FileLength = SignedLength + ChecksumDigits + 1;

    private readonly SafeFileHandle _file;

    private WitnessFile(SafeFileHandle file) => _file = file;

    /// <summary>What the witness says; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not a witness as it was written.</exception>
    public static Witness? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        var text = Encoding.ASCII.GetString(File.ReadAllBytes(path));
        if (text.Length != FileLength || !text.StartsWith(Form, StringComparison.Ordinal) ||
            !string.Equals(text[SignedLength..], Checksum(text[..SignedLength]) + "\n", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"the witness file '{path}' is not as it was written");
        }

        var position = long.Parse(text.AsSpan(Form.Length, PositionDigits), NumberStyles.None, CultureInfo.InvariantCulture);
        return new Witness(position, Convert.FromHexString(text.AsSpan(Form.Length + PositionDigits + 1, EventChain.Length * 2)));
    }

    /// <summary>Opens the file to follow the log; makes it, durably, where there is none.</summary>
    public static WitnessFile Open(string path, long position, ReadOnlySpan<byte> chain)
    {
        if (!File.Exists(path))
            PrivateFile.CreateWhole(path, Line(position, chain));
        return new WitnessFile(File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.Read));
    }

    /// <exception cref="IOException">The disk fails.</exception>
    public void Write(long position, ReadOnlySpan<byte> chain) => RandomAccess.Write(_file, Line(position, chain), fileOffset: 0);

    public void Dispose() => _file.Dispose();

    private static byte[] Line(long position, ReadOnlySpan<byte> chain)
    {
        var signed = string.Create(CultureInfo.InvariantCulture, $"{Form}{position:D20} {Convert.ToHexStringLower(chain)} ");
        return Encoding.ASCII.GetBytes($"{signed}{Checksum(signed)}\n");
    }

    private static string Checksum(string signed) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(signed)))[..ChecksumDigits];
}

/// <summary>The last acknowledged position, and the chain value of the event there.</summary>
internal sealed record Witness(long Position, byte[] Chain);
