using System.Globalization;

namespace OrleansMesh.EventStore.Transfer;

/// <summary>The names of the exported form, version 1; a published contract: <c>docs/adr/0011-exported-logs-and-long-logs.md</c>.</summary>
internal static class LogFormat
{
    public const string Header = "orleansmeshLog";
    public const int Version = 1;

    public const string ExportedAt = "exportedAt";
    public const string Events = "events";
    public const string DataKeys = "dataKeys";
    public const string Digest = "sha256";

    public const string DataKey = "dataKey";
    public const string KekId = "kekId";
    public const string Wrapped = "wrapped";

    public const string Position = "position";
    public const string Stream = "stream";
    public const string StreamVersion = "version";
    public const string Type = "type";
    public const string Actor = "actor";
    public const string At = "at";
    public const string Cause = "cause";
    public const string Data = "data";
    public const string DataBase64 = "dataBase64";
    public const string Chain = "chain";

    /// <summary>An instant with all of its 100 ns ticks.</summary>
    public const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <summary>The longest line, in bytes: an event's data in base64, and room for what is beside it.</summary>
    public const int LineBytes = (EventStoreLimits.EventDataBytes / 3 * 4) + (64 * 1024);

    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture);
}
