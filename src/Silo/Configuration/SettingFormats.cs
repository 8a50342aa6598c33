using System.Globalization;
using System.Net;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.XdsGateway;

namespace OrleansMesh.Silo.Configuration;

/// <summary>Reads the values of settings. Each throws <see cref="FormatException"/> with what was expected.</summary>
internal static class SettingFormats
{
    public static int Port(string text) => Number(text, 0, 65535) ?? throw new FormatException("expected a port number from 0 to 65535");

    public static int? OptionalPort(string text) => text.Length == 0 ? null : Port(text);

    public static ValueList<TokenKeyFile> UserTokenKeys(string text)
        => TokenKeys(text, "KID=FILE separated by commas", name => name.Length > 0 ? (null, name) : null);

    public static ValueList<TokenKeyFile> DataplaneTokenKeys(string text)
        => TokenKeys(text, "MESH/KID=FILE separated by commas", name => name.Split('/') is [{ Length: > 0 } mesh, { Length: > 0 } keyId] ? (mesh, keyId) : null);

    public static Func<string, int> Count(int least, int most)
        => text => Number(text, least, most) ?? throw new FormatException($"expected a whole number from {least} to {most}");

    public static IPAddress Address(string text)
        => IPAddress.TryParse(text, out var address) && (text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3)
            ? address
            : throw new FormatException("expected an IP address such as 127.0.0.1 or ::1");

    public static bool Switch(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException("expected true or false"),
    };

    public static Func<string, T> OneOf<T>(params (string Name, T Value)[] values)
        => text => Array.Find(values, v => v.Name == text) is { Name: not null } found
            ? found.Value
            : throw new FormatException($"expected one of {string.Join(", ", values.Select(v => v.Name))}");

    public static Func<string, TimeSpan> Duration(TimeSpan least, TimeSpan most)
        => text => MeshDurationText.TryParse(text, out var duration) && duration.Value >= least && duration.Value <= most
            ? duration.Value
            : throw new FormatException($"expected a duration such as 500ms, 30s or 1h30m, from {Seconds(least)} to {Seconds(most)}");

    public static string Name(string text)
        => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? text
            : throw new FormatException("expected 1 to 64 letters, digits, dots, dashes or underscores");

    public static string Folder(string text)
        => text.Length > 0 ? Path.GetFullPath(text) : throw new FormatException("expected a folder");

    public static StoreAddress? OptionalStore(string text) => text.Length > 0 ? StoreAddress.Parse(text) : null;

    public static string? OptionalFile(string text) => text.Length > 0 ? Path.GetFullPath(text) : null;

    public static ValueList<string> HostNames(string text)
        => Items(text, static name => Uri.CheckHostName(name) == UriHostNameType.Dns, "host names separated by commas");

    public static ValueList<string> NamesOrAddresses(string text)
        => Items(text, static name => Uri.CheckHostName(name) != UriHostNameType.Unknown, "DNS names or IP addresses separated by commas");

    public static ValueList<ControlPlaneAddress> ControlPlaneAddresses(string text)
        => Items(text, static address => ControlPlaneAddress.TryParse(address, out _), $"addresses of the form {ControlPlaneAddress.Form}, separated by commas")
            .Select(static item => ControlPlaneAddress.TryParse(item, out var address) ? address : throw new FormatException(ControlPlaneAddress.Form))
            .ToValueList();

    private static ValueList<string> Items(string text, Func<string, bool> isItem, string expected)
    {
        var items = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return items.FirstOrDefault(i => !isItem(i)) is { } wrong
            ? throw new FormatException($"expected {expected}; '{wrong}' is none")
            : items.ToValueList();
    }

    private static ValueList<TokenKeyFile> TokenKeys(string text, string expected, Func<string, (string? Mesh, string KeyId)?> read)
        => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(item => item.Split('=', 2) is [var name, { Length: > 0 } file] && read(name) is var (mesh, keyId)
                ? new TokenKeyFile(mesh, keyId, Path.GetFullPath(file))
                : throw new FormatException($"expected {expected}; '{item}' is none"))
            .ToValueList();

    private static int? Number(string text, int least, int most)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###}s");
}
