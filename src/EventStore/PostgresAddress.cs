using System.Globalization;
using System.Net;

namespace OrleansMesh.EventStore;

/// <summary>How far a connection to PostgreSQL is protected; named as in libpq's <c>sslmode</c>.</summary>
public enum PostgresTls
{
    /// <summary>Plain text.</summary>
    Disable,

    /// <summary>TLS if the server has it, and no proof of who it is: against nobody but a listener. For loopback, where there is none.</summary>
    Prefer,

    /// <summary>TLS, and an authority that is trusted has vouched for the server, whatever its name.</summary>
    VerifyCa,

    /// <summary>TLS, and an authority that is trusted has vouched for the server under the name of the address.</summary>
    VerifyFull,
}

/// <summary>A log in a PostgreSQL database, for any number of processes. Never holds a password.</summary>
/// <param name="Host">A DNS name, an IP address, or the absolute path of the folder of a Unix socket.</param>
/// <param name="RootCertificateFile">PEM of the authorities to trust; null: those of the operating system.</param>
/// <param name="ClientCertificateFile">PEM by which this program proves itself; null: none.</param>
/// <param name="ClientKeyFile">PEM of that certificate's key; null: it is in the certificate's file.</param>
public sealed record PostgresAddress(
    string Host,
    int Port,
    string Database,
    string User,
    PostgresTls Tls,
    string? RootCertificateFile = null,
    string? ClientCertificateFile = null,
    string? ClientKeyFile = null) : StoreAddress
{
    private const int DefaultPort = 5432;
    private const string NoHost = "none.invalid";
    private const string Expected = "expected postgres://user@host:port/database";

    private static readonly (string Name, PostgresTls Tls)[] Modes =
    [
        ("disable", PostgresTls.Disable), ("prefer", PostgresTls.Prefer), ("verify-ca", PostgresTls.VerifyCa), ("verify-full", PostgresTls.VerifyFull),
    ];

    /// <summary>True for what has to be read as such an address, well written or not.</summary>
    public static bool IsMeant(string text) =>
        text.StartsWith("postgres:", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads libpq's URI form (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING-URIS), as far as it is meant for one server.</summary>
    /// <exception cref="FormatException">It is not well written, holds a password, or asks for what would protect nothing. Never repeats it.</exception>
    public static PostgresAddress Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // System.Uri knows no user without a host.
        if (!Uri.TryCreate(text.Replace("@/", $"@{NoHost}/", StringComparison.Ordinal), UriKind.Absolute, out var uri) || !text.Contains("://", StringComparison.Ordinal) || uri.Fragment.Length > 0)
            throw new FormatException(Expected);
        var user = uri.UserInfo;
        if (user.Contains(':', StringComparison.Ordinal))
            throw new FormatException($"{Expected} without a password: give that in a file (storePasswordFile), in the environment (PGPASSWORD), or in ~/.pgpass");
        if (user.Length == 0)
            throw new FormatException($"{Expected}: it names no user");
        var database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/'));
        if (database.Length == 0 || database.Contains('/', StringComparison.Ordinal))
            throw new FormatException($"{Expected}: it names no database");

        var host = uri.DnsSafeHost is NoHost ? "" : uri.DnsSafeHost;
        var port = uri.Port < 0 ? DefaultPort : uri.Port;
        PostgresTls? tls = null;
        string? root = null, certificate = null, key = null;
        foreach (var (name, value) in Parameters(uri.Query))
        {
            switch (name)
            {
                case "sslmode":
                    tls = Mode(value);
                    break;
                case "sslrootcert":
                    root = File(name, value);
                    break;
                case "sslcert":
                    certificate = File(name, value);
                    break;
                case "sslkey":
                    key = File(name, value);
                    break;
                case "host" when host.Length == 0 && value.StartsWith('/'):
                    host = value;
                    break;
                case "host":
                    throw new FormatException("host: expected the folder of a Unix socket, in an address with no other host");
                case "port" when host.Length == 0 || host[0] == '/':
                    port = ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0
                        ? given
                        : throw new FormatException("port: expected a number from 1 to 65535");
                    break;
                case "password" or "passfile":
                    throw new FormatException($"{Expected} without {name}: give the password in a file (storePasswordFile), in the environment (PGPASSWORD), or in ~/.pgpass");
                default:
                    throw new FormatException("expected no parameters but sslmode, sslrootcert, sslcert and sslkey, and for a Unix socket host and port");
            }
        }

        if (host.Length == 0)
            throw new FormatException($"{Expected}: it names no host");
        if (key is not null && certificate is null)
            throw new FormatException("sslkey: expected sslcert beside it");
        var near = IsNear(host);
        if (tls is PostgresTls.Prefer && !near)
            throw new FormatException("sslmode: expected verify-full or verify-ca, since prefer gives way to whoever answers in the server's place");
        return new(
            host, port, database, Uri.UnescapeDataString(user), tls ?? (near ? PostgresTls.Prefer : PostgresTls.VerifyFull), root, certificate, key);
    }

    /// <summary>The address as it would be written, for logs and answers.</summary>
    public override string ToString()
    {
        var (user, database) = (Uri.EscapeDataString(User), Uri.EscapeDataString(Database));
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return Host.StartsWith('/')
            ? string.Create(CultureInfo.InvariantCulture, $"postgres://{user}@/{database}?host={Host}&port={Port}")
            : string.Create(CultureInfo.InvariantCulture, $"postgres://{user}@{host}:{Port}/{database}?sslmode={ModeName}");
    }

    /// <summary>The name of <see cref="Tls"/> in an address.</summary>
    public string ModeName => Array.Find(Modes, m => m.Tls == Tls).Name;

    // What never leaves the machine needs no proof of who answers.
    private static bool IsNear(string host) =>
        host.StartsWith('/') || host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static PostgresTls Mode(string value) => Array.Find(Modes, m => m.Name == value) is { Name: not null } mode
        ? mode.Tls
        : throw new FormatException($"sslmode: expected one of {string.Join(", ", Modes.Select(static m => m.Name))}");

    private static string File(string name, string value) =>
        value.Length > 0 ? Path.GetFullPath(value) : throw new FormatException($"{name}: expected a file");

    private static IEnumerable<(string Name, string Value)> Parameters(string query)
    {
        foreach (var parameter in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var cut = parameter.IndexOf('=', StringComparison.Ordinal);
            if (cut < 0)
                throw new FormatException("expected parameters of the form name=value");
            yield return (Uri.UnescapeDataString(parameter[..cut]), Uri.UnescapeDataString(parameter[(cut + 1)..]));
        }
    }
}
