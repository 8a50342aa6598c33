using System.Security.Cryptography.X509Certificates;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Postgres;
using OrleansMesh.OrleansSilo.Hosting;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>What runs the grains: a silo of an Orleans cluster, whose members are known by the database that has the log.</summary>
internal static class GrainHosting
{
    /// <summary>See <see cref="OrleansMesh.Grains.GrainOptions.ObserverExpiry"/>.</summary>
    public static TimeSpan? ObserverExpiry => ObservationRenewal.Expiry;

    public static void AddGrainHost(this WebApplicationBuilder builder, ServerConfiguration configuration)
    {
        var cluster = configuration.Cluster;
        builder.AddOrleansSilo(new OrleansSiloOptions
        {
            ClusterId = cluster.Id,
            Address = cluster.Listener.Address,
            Port = cluster.Listener.Port,
            Database = configuration.Store.Address is PostgresAddress postgres
                ? PostgresDataSource.Make(postgres, configuration.Store.PasswordFile)
                : null,
            Tls = cluster is { TlsCertificateFile: { } certificate, TlsKeyFile: { } key, TlsAuthorityFile: { } authority }
                ? new SiloTls(X509Certificate2.CreateFromPemFile(certificate, key), X509CertificateLoader.LoadCertificateFromFile(authority))
                : null,
        });
        builder.Services.AddHostedService<ObservationRenewal>();
    }
}
