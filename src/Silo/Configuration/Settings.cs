using System.Net;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.XdsGateway;
using static OrleansMesh.Silo.Configuration.SettingFormats;

namespace OrleansMesh.Silo.Configuration;

/// <summary>Every setting of the server, in the order in which they are shown.</summary>
public static class Settings
{
    public static readonly Setting<string> Data = new(
        "data", "DIR", "folder of the keys and the certificates, and of the event log where that is not elsewhere", DefaultDataFolder(), Folder);

    public static readonly Setting<StoreAddress?> Store = new(
        "store", "ADDRESS",
        "where the event log is: a folder (SQLite, one server), the data folder when it is not given, or postgres://user@host:port/database "
        + "(any number of servers) with the parameters sslmode (verify-full unless it is on this machine), sslrootcert, sslcert and sslkey",
        "", OptionalStore)
    {
        MayHoldSecret = true,
    };

    public static readonly Setting<string?> StorePasswordFile = new(
        "storePasswordFile", "FILE", "file of the PostgreSQL password; PGPASSWORD and ~/.pgpass count where it is not given", "", OptionalFile);

    public static readonly Setting<bool> AcceptMissingWitness = new(
        "acceptMissingWitness", "BOOL",
        "open an event log whose witness file is missing, once, after restoring a backup: whether events at its end are missing cannot be known then",
        "false", Switch);

    public static readonly Setting<IPAddress> ApiAddress = new(
        "api.address", "IP", "address of the REST API", "127.0.0.1", Address);

    public static readonly Setting<int> ApiPort = new(
        "api.port", "PORT", "port of the REST API; 0: any free port", "5681", Port);

    public static readonly Setting<ValueList<string>> ApiHosts = new(
        "api.hosts", "NAMES", "host names, beside those of loopback, under which clients may call the REST API, separated by commas", "", HostNames);

    public static readonly Setting<bool> ApiLoopbackIsAdmin = new(
        "api.loopbackIsAdmin", "BOOL", "let requests from this machine that bring no token and no certificate do everything", "true", Switch);

    public static readonly Setting<IPAddress> ApiTlsAddress = new(
        "api.tlsAddress", "IP", "address of the REST API with TLS", "127.0.0.1", Address);

    public static readonly Setting<int?> ApiTlsPort = new(
        "api.tlsPort", "PORT", "port of the REST API with TLS; 0: any free port; the one after api.port when it is not given", "", OptionalPort);

    public static readonly Setting<string?> ApiTlsCertFile = new(
        "api.tlsCertFile", "FILE", "PEM certificate of that port, with its chain; made under the dp-server's authority when it is not given", "", OptionalFile);

    public static readonly Setting<string?> ApiTlsKeyFile = new(
        "api.tlsKeyFile", "FILE", "PEM private key of that certificate", "", OptionalFile);

    public static readonly Setting<ValueList<string>> ApiTlsNames = new(
        "api.tlsNames", "NAMES",
        "DNS names and IP addresses for the certificate that is made, beside loopback's, the host's and the listening address", "", NamesOrAddresses);

    public static readonly Setting<string?> ApiClientCaFile = new(
        "api.clientCaFile", "FILE",
        "PEM authorities whose client certificates prove who somebody is: the common name is the user, each organisation a group", "", OptionalFile);

    public static readonly Setting<ValueList<TokenKeyFile>> ApiTokenKeys = new(
        "api.tokenKeys", "KID=FILE", "PEM public keys of user tokens that are signed elsewhere, separated by commas", "", UserTokenKeys);

    public static readonly Setting<int> ApiMaxBodyBytes = new(
        "api.maxBodyBytes", "BYTES", "longest request body of the REST API", "1048576", Count(1024, 64 * 1024 * 1024));

    public static readonly Setting<IPAddress> DpServerAddress = new(
        "dpServer.address", "IP", "address that proxies connect to", "127.0.0.1", Address);

    public static readonly Setting<int> DpServerPort = new(
        "dpServer.port", "PORT", "port that proxies connect to; 0: any free port", "5678", Port);

    public static readonly Setting<string?> DpServerTlsCertFile = new(
        "dpServer.tlsCertFile", "FILE", "PEM certificate of that port, with its chain; made at first start when it is not given", "", OptionalFile);

    public static readonly Setting<string?> DpServerTlsKeyFile = new(
        "dpServer.tlsKeyFile", "FILE", "PEM private key of that certificate", "", OptionalFile);

    public static readonly Setting<string?> DpServerTlsCaFile = new(
        "dpServer.tlsCaFile", "FILE", "PEM authority by which proxies check that certificate; the certificate file itself when it is not given", "", OptionalFile);

    public static readonly Setting<ValueList<string>> DpServerNames = new(
        "dpServer.names", "NAMES",
        "DNS names and IP addresses for the certificate that is made, beside loopback's, the host's and the listening address", "", NamesOrAddresses);

    public static readonly Setting<ValueList<ControlPlaneAddress>> DpServerPublicAddresses = new(
        "dpServer.publicAddresses", "ADDRESSES",
        "host:port of this server and of each other one that shares its log, as proxies reach them; bootstraps name them all, so that a proxy goes on to "
        + "another when one fails. Where a proxy asked for its bootstrap when it is not given", "", ControlPlaneAddresses);

    public static readonly Setting<ValueList<TokenKeyFile>> DpServerTokenKeys = new(
        "dpServer.tokenKeys", "MESH/KID=FILE",
        "PEM public keys of dataplane tokens that are signed elsewhere, separated by commas", "", DataplaneTokenKeys);

    public static readonly Setting<IPAddress> DiagnosticsAddress = new(
        "diagnostics.address", "IP", "address of /healthy, /ready and /metrics", "127.0.0.1", Address);

    public static readonly Setting<int> DiagnosticsPort = new(
        "diagnostics.port", "PORT", "port of /healthy, /ready and /metrics; 0: any free port", "5680", Port);

    public static readonly Setting<bool> DefaultMesh = new(
        "defaultMesh", "BOOL", "make a mesh named default at the first start", "true", Switch);

    public static readonly Setting<TimeSpan> ProxiesGracePeriod = new(
        "proxies.gracePeriod", "DURATION",
        "how long a Dataplane that came with its proxy stays after the connection ended", "10s", Duration(TimeSpan.Zero, TimeSpan.FromDays(1)));

    public static readonly Setting<TimeSpan> ProxiesRestartGracePeriod = new(
        "proxies.restartGracePeriod", "DURATION",
        "the same after a start of the server, when every proxy has to connect anew", "60s", Duration(TimeSpan.Zero, TimeSpan.FromDays(1)));

    public static readonly Setting<TimeSpan> ProxiesReconcileInterval = new(
        "proxies.reconcileInterval", "DURATION",
        "how often to look for what a crash or a lost notification left undone", "60s", Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)));

    public static readonly Setting<KeySource?> KeyEncryptionKey = new(
        "keyEncryptionKey", "SOURCE",
        "the key that wraps all others: file:PATH (32 bytes, mode 0600), env:NAME or command:COMMAND (both in base64); made in the data folder when it is not given",
        "", text => text.Length == 0 ? null : KeySource.Parse(text));

    public static readonly Setting<KeySource?> KeyEncryptionKeyNext = new(
        "keyEncryptionKeyNext", "SOURCE",
        "the key that 'meshctl kek rotate' wraps all others by instead, in the same forms; key-encryption.key.next in the data folder when neither is given",
        "", text => text.Length == 0 ? null : KeySource.Parse(text));

    public static readonly Setting<string?> AuthoritiesFolder = new(
        "authorities.folder", "DIR", "folder of the files that a mesh may name as certificate and key of a provided authority; none is read without it", "", OptionalFile);

    public static readonly Setting<TimeSpan> AuthoritiesRotationTimeLimit = new(
        "authorities.rotationTimeLimit", "DURATION",
        "how long a change of authorities waits for connected proxies that do not say that they trust the new one", "10m",
        Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)));

    public static readonly Setting<TimeSpan> AuthoritiesRotationSettling = new(
        "authorities.rotationSettling", "DURATION",
        "how long an authority stays trusted after another one signs, at least", "10s", Duration(TimeSpan.Zero, TimeSpan.FromDays(30)));

    public static readonly Setting<string> ClusterId = new(
        "cluster.id", "NAME", "name of the Orleans cluster; for a build on Orleans, as all of cluster.*", "orleansmesh", Name);

    public static readonly Setting<IPAddress> ClusterAddress = new(
        "cluster.address", "IP", "address at which the other silos reach this one; other than loopback it needs cluster.tls*", "127.0.0.1", Address);

    public static readonly Setting<int> ClusterPort = new(
        "cluster.port", "PORT", "port at which the other silos reach this one", "11111", Port);

    public static readonly Setting<string?> ClusterTlsCertFile = new(
        "cluster.tlsCertFile", "FILE", "PEM certificate by which this silo proves itself to the others", "", OptionalFile);

    public static readonly Setting<string?> ClusterTlsKeyFile = new(
        "cluster.tlsKeyFile", "FILE", "PEM private key of that certificate", "", OptionalFile);

    public static readonly Setting<string?> ClusterTlsCaFile = new(
        "cluster.tlsCaFile", "FILE", "PEM authority that signs the certificates of silos, and nothing else", "", OptionalFile);

    public static readonly Setting<LogFormat> LogFormat = new(
        "log.format", "text|json", "how log entries are written", "text", OneOf(
            ("text", Configuration.LogFormat.Text), ("json", Configuration.LogFormat.Json)));

    public static readonly Setting<LogLevel> LogLevel = new(
        "log.level", "LEVEL", "least severe entries that are logged: trace, debug, info, warning, error, critical or none", "info", OneOf(
            ("trace", Microsoft.Extensions.Logging.LogLevel.Trace), ("debug", Microsoft.Extensions.Logging.LogLevel.Debug),
            ("info", Microsoft.Extensions.Logging.LogLevel.Information), ("warning", Microsoft.Extensions.Logging.LogLevel.Warning),
            ("error", Microsoft.Extensions.Logging.LogLevel.Error), ("critical", Microsoft.Extensions.Logging.LogLevel.Critical),
            ("none", Microsoft.Extensions.Logging.LogLevel.None)));

    public static readonly Setting<TimeSpan> ShutdownTimeout = new(
        "shutdownTimeout", "DURATION", "how long a stop waits for requests that are being answered", "5s",
        Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)));

    public static IReadOnlyList<Setting> All { get; } =
    [
        Data, Store, StorePasswordFile, AcceptMissingWitness, ApiAddress, ApiPort, ApiHosts, ApiLoopbackIsAdmin, ApiTlsAddress, ApiTlsPort, ApiTlsCertFile,
        ApiTlsKeyFile, ApiTlsNames, ApiClientCaFile, ApiTokenKeys, ApiMaxBodyBytes, DpServerAddress, DpServerPort, DpServerTlsCertFile,
        DpServerTlsKeyFile, DpServerTlsCaFile, DpServerNames, DpServerPublicAddresses, DpServerTokenKeys, DiagnosticsAddress, DiagnosticsPort, DefaultMesh, ProxiesGracePeriod, ProxiesRestartGracePeriod,
        ProxiesReconcileInterval, KeyEncryptionKey, KeyEncryptionKeyNext, AuthoritiesFolder, AuthoritiesRotationTimeLimit, AuthoritiesRotationSettling, ClusterId, ClusterAddress, ClusterPort, ClusterTlsCertFile,
        ClusterTlsKeyFile, ClusterTlsCaFile, LogFormat, LogLevel, ShutdownTimeout,
    ];

    // The user's own folder for what programs keep between runs: $XDG_STATE_HOME on Linux (freedesktop.org's base directory specification).
    private static string DefaultDataFolder()
    {
        const string Name = "orleansmesh";
        if (!OperatingSystem.IsLinux())
            return System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), Name);
        return Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { } state && System.IO.Path.IsPathRooted(state)
            ? System.IO.Path.Combine(state, Name)
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state", Name);
    }
}
