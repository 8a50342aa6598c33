using System.Net;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace OrleansMesh.OrleansSilo.Hosting;

/// <summary>What one silo of the cluster has to know.</summary>
public sealed record OrleansSiloOptions
{
    /// <summary>The name of the cluster: silos of the same name, on the same database, are one.</summary>
    public string ClusterId { get; init; } = "orleansmesh";

    /// <summary>The address on which this silo listens, and at which the others reach it.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port for the other silos.</summary>
    public int Port { get; init; } = 11111;

    /// <summary>The database that holds who is in the cluster; null: this silo is the whole cluster. Disposed when the silo has stopped.</summary>
    public NpgsqlDataSource? Database { get; init; }

    /// <summary>What this silo proves itself with to the others, and they to it; null only where <see cref="Address"/> is loopback.</summary>
    public SiloTls? Tls { get; init; }

    /// <exception cref="ArgumentException">Silos would talk over a network that proves nothing.</exception>
    internal void Validate()
    {
        if (Tls is null && !IPAddress.IsLoopback(Address))
        {
            throw new ArgumentException(
                $"cluster.address: a certificate is needed for {Address} (cluster.tlsCertFile, cluster.tlsKeyFile, cluster.tlsCaFile): whoever reaches the port of a silo can command its grains");
        }
    }
}

/// <summary>Mutual TLS between silos.</summary>
/// <param name="Certificate">This silo's, with its private key, for servers and clients alike.</param>
/// <param name="Authority">Whoever shows a certificate that it signed is a silo. It should sign nothing else.</param>
public sealed record SiloTls(X509Certificate2 Certificate, X509Certificate2 Authority);
