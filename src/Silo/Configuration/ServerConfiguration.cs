using System.Net;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.XdsGateway;

namespace OrleansMesh.Silo.Configuration;

/// <summary>Everything that the server is told at start. Immutable and valid; see <see cref="Settings"/> for what each part means.</summary>
public sealed record ServerConfiguration(
    string DataFolder,
    StoreConfiguration Store,
    bool AcceptMissingWitness,
    ApiConfiguration Api,
    DpServerConfiguration DpServer,
    ListenerConfiguration Diagnostics,
    bool DefaultMesh,
    ProxiesConfiguration Proxies,
    ClusterConfiguration Cluster,
    LogConfiguration Log,
    TimeSpan ShutdownTimeout)
{
    public required AuthoritiesConfiguration Authorities { get; init; }

    /// <summary>Where the operator supplies the key-encryption key from; null: it is a file in the data folder, made at the first start.</summary>
    public KeySource? KeyEncryptionKey { get; init; }

    /// <summary>Where the operator supplies the key that is to follow it; null: it is a file in the data folder, if the present one is.</summary>
    public KeySource? KeyEncryptionKeyNext { get; init; }
}

/// <summary>How the authorities of meshes are looked after.</summary>
/// <param name="Folder">Whose files a mesh may name as certificate and key of an authority; null: none.</param>
/// <param name="RotationTimeLimit">How long a change of authorities waits for connected proxies that do not say that they trust the new one.</param>
/// <param name="RotationSettling">How long an authority stays trusted after another one signs, at least.</param>
public sealed record AuthoritiesConfiguration(string? Folder, TimeSpan RotationTimeLimit, TimeSpan RotationSettling);

/// <summary>Where the event log is.</summary>
/// <param name="PasswordFile">Holds the password of PostgreSQL; null: the environment has it, or none is needed.</param>
public sealed record StoreConfiguration(StoreAddress Address, string? PasswordFile);

/// <summary>Where a listener listens.</summary>
/// <param name="Port">0: any free port.</param>
public sealed record ListenerConfiguration(IPAddress Address, int Port);

/// <summary>The REST API.</summary>
/// <param name="Listener">Without TLS: on loopback only.</param>
/// <param name="Tls">With TLS.</param>
/// <param name="Hosts">Names, beside those of loopback, under which clients may call it.</param>
/// <param name="LoopbackIsAdmin">Whether a request from this machine that brings no proof may do everything.</param>
/// <param name="TokenKeys">Public keys of user tokens that are signed elsewhere.</param>
/// <param name="MaxBodyBytes">The longest request body that is read.</param>
public sealed record ApiConfiguration(
    ListenerConfiguration Listener, ApiTlsConfiguration Tls, ValueList<string> Hosts, bool LoopbackIsAdmin, ValueList<TokenKeyFile> TokenKeys, int MaxBodyBytes);

/// <summary>The REST API's port with TLS.</summary>
/// <param name="CertificateFile">PEM, the server's certificate first; null: the server makes its own.</param>
/// <param name="KeyFile">PEM; null exactly where the certificate's file is.</param>
/// <param name="Names">Further DNS names and IP addresses for the certificate that the server makes.</param>
/// <param name="ClientAuthorityFile">PEM certificates of whom to trust for clients' certificates; null: none are asked for.</param>
public sealed record ApiTlsConfiguration(
    ListenerConfiguration Listener, string? CertificateFile, string? KeyFile, ValueList<string> Names, string? ClientAuthorityFile);

/// <summary>A public key, PEM, that verifies tokens.</summary>
/// <param name="Mesh">The mesh whose dataplane tokens it verifies; null: it verifies user tokens.</param>
/// <param name="KeyId">The <c>kid</c> of the tokens that it verifies.</param>
public sealed record TokenKeyFile(string? Mesh, string KeyId, string Path);

/// <summary>The port that proxies connect to.</summary>
/// <param name="TlsCertificateFile">PEM, the server's certificate first; null: the server makes its own.</param>
/// <param name="TlsKeyFile">PEM; null exactly where the certificate's file is.</param>
/// <param name="TlsAuthorityFile">PEM of whom to trust for the supplied certificate; null: the certificate's file itself.</param>
/// <param name="Names">Further DNS names and IP addresses for the certificate that the server makes.</param>
/// <param name="PublicAddresses">Where proxies reach this server and those that share its log; none: where they ask for their bootstrap.</param>
/// <param name="TokenKeys">Public keys of dataplane tokens that are signed elsewhere.</param>
public sealed record DpServerConfiguration(
    ListenerConfiguration Listener,
    string? TlsCertificateFile,
    string? TlsKeyFile,
    string? TlsAuthorityFile,
    ValueList<string> Names,
    ValueList<ControlPlaneAddress> PublicAddresses,
    ValueList<TokenKeyFile> TokenKeys);

/// <summary>How proxies are looked after.</summary>
/// <param name="GracePeriod">How long a Dataplane that came with its proxy stays after the connection ended.</param>
/// <param name="RestartGracePeriod">The same after a start of the server.</param>
/// <param name="ReconcileInterval">How often what a crash or a lost notification left undone is looked for.</param>
public sealed record ProxiesConfiguration(TimeSpan GracePeriod, TimeSpan RestartGracePeriod, TimeSpan ReconcileInterval);

/// <summary>The cluster of silos that this one is part of, where the server was built on Orleans.</summary>
/// <param name="Listener">Where the other silos reach it.</param>
/// <param name="TlsCertificateFile">PEM of this silo; null only where it listens on loopback, as the other two files.</param>
public sealed record ClusterConfiguration(
    string Id, ListenerConfiguration Listener, string? TlsCertificateFile, string? TlsKeyFile, string? TlsAuthorityFile);

/// <summary>What is logged.</summary>
public sealed record LogConfiguration(LogFormat Format, LogLevel Level);

/// <summary>How a log entry is written.</summary>
public enum LogFormat
{
    /// <summary>One readable line.</summary>
    Text,

    /// <summary>One JSON object on one line.</summary>
    Json,
}
