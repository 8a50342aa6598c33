using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using OrleansMesh.OrleansSilo.Clustering;
using OrleansMesh.OrleansSilo.Placement;
using OrleansMesh.OrleansSilo.Serialization;

namespace OrleansMesh.OrleansSilo.Hosting;

/// <summary>Puts a silo of an Orleans cluster into a host.</summary>
public static class OrleansSiloBuilder
{
    /// <summary>How soon a silo that does not answer is suspected: after three probes that others send it each second.</summary>
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(1);

    private const string PostgresInvariant = "Npgsql";

    /// <summary>
    /// Adds a silo that starts and stops with the host, and its <see cref="IGrainFactory"/>. Hosted services stop in the opposite order, so
    /// add it before those that call grains.
    /// </summary>
    /// <exception cref="ArgumentException">The options would let anybody on the network command grains.</exception>
    public static void AddOrleansSilo(this IHostApplicationBuilder builder, OrleansSiloOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Database is { } database)
            builder.Services.AddHostedService(_ => new MembershipSchema(database));
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ClusterId));
            silo.Configure<EndpointOptions>(endpoint =>
            {
                endpoint.AdvertisedIPAddress = options.Address;
                endpoint.SiloPort = options.Port;
                endpoint.SiloListeningEndpoint = new IPEndPoint(options.Address, options.Port);

                // No clients from outside the cluster: the gateway runs in every silo.
                endpoint.GatewayPort = 0;
            });
            if (options.Database is { } source)
                silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.DataSource) = (PostgresInvariant, source));
            else
                silo.UseLocalhostClustering(options.Port, gatewayPort: 0, serviceId: options.ClusterId, clusterId: options.ClusterId);
            silo.Configure<ClusterMembershipOptions>(membership => membership.ProbeTimeout = Probe);
            if (options.Tls is { } tls)
                silo.UseTls(security => SiloCertificates.Configure(security, tls));
            silo.AddOutgoingGrainCallFilter<ProxyPlacement>();
            silo.Services.AddMeshSerialization();
        });
    }
}
