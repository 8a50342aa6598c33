using System.Net;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
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
    TimeSpan ShutdownTimeout);

/// <summary>Where the event log is.</summary>
/// <param name="PasswordFile">Holds the password of PostgreSQL; null: the environment has it, or none is needed.</param>
public sealed record StoreConfiguration(StoreAddress Address, string? PasswordFile);

/// <summary>Where a listener listens.</summary>
/// <param name="Port">0: any free port.</param>
public sealed record ListenerConfiguration(IPAddress Address, int Port);

/// <summary>The REST API.</summary>
/// <param name="Hosts">Names, beside those of loopback, under which clients may call it.</param>
/// <param name="MaxBodyBytes">The longest request body that is read.</param>
public sealed record ApiConfiguration(ListenerConfiguration Listener, ValueList<string> Hosts, bool AllowUnauthenticatedRemote, int MaxBodyBytes);

/// <summary>The port that proxies connect to.</summary>
/// <param name="TlsCertificateFile">PEM, the server's certificate first; null: the server makes its own.</param>
/// <param name="TlsKeyFile">PEM; null exactly where the certificate's file is.</param>
/// <param name="TlsAuthorityFile">PEM of whom to trust for the supplied certificate; null: the certificate's file itself.</param>
/// <param name="Names">Further DNS names and IP addresses for the certificate that the server makes.</param>
/// <param name="PublicAddresses">Where proxies reach this server and those that share its log; none: where they ask for their bootstrap.</param>
public sealed record DpServerConfiguration(
    ListenerConfiguration Listener,
    string? TlsCertificateFile,
    string? TlsKeyFile,
    string? TlsAuthorityFile,
    ValueList<string> Names,
    ValueList<ControlPlaneAddress> PublicAddresses);

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
