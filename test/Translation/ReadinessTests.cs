using System.Net;
using System.Net.Sockets;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation.Endpoints;
using MeshEndpoint = OrleansMesh.Domain.Services.Endpoint;

namespace OrleansMesh.Translation.Tests;

/// <summary>The real Envoy sends nothing to an endpoint that is not ready, not even when too few of them, or none, are.</summary>
[Trait("Category", "Slow")]
public class ReadinessTests
{
    // So many that random draws leave out none of three: (2/3)^100 is less than once in 10^17 times.
    private const int Calls = 100;
    private static readonly EndpointSelection Backend = new("backend", TagSet.Empty);

    [SkippableTheory]
    [InlineData(true, true, true)]
    [InlineData(false, true, true)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    public async Task Only_ready_endpoints_are_called(params bool[] ready)
    {
        EnvoyBinary.SkipWithout();
        using var workloads = new Workloads(ready.Length);
        var endpoints = EndpointTranslation.ForService(Backend, ready.Select((r, i) => new MeshEndpoint("127.0.0.1", workloads.Ports[i], TagSet.Of((TagSet.ServiceTag, "backend")), r)));
        await using var envoy = await RunningEnvoy.StartAsync(Resources(EnvoyMessages.Open<ClusterLoadAssignment>(endpoints)));

        var port = await envoy.PortAsync();
        var answers = new HashSet<int?>();
        for (var i = 0; i < Calls; i++)
            answers.Add(await WhoAnswersAsync(port));

        int?[] expected = ready.Any(r => r) ? [.. ready.Index().Where(e => e.Item).Select(e => (int?)e.Index)] : [null];
        Assert.Equal(expected, answers.Order());
        Assert.Equal(0, await envoy.StatisticAsync("cluster.backend.lb_healthy_panic"));
    }

    private static Envoy.Config.Bootstrap.V3.Bootstrap.Types.StaticResources Resources(ClusterLoadAssignment endpoints)
    {
        var view = new ProxyView(new ProxyId("default", "client-1"), Identity: null, [], [new OutboundView("127.0.0.1", 0, Backend, Protocol.Tcp)]);
        var snapshot = SnapshotTranslation.Translate(view);
        var cluster = EnvoyMessages.Open<Cluster>(snapshot.OfType(XdsType.Cluster).Values.Single());
        // There is nobody to bring the endpoints, so they are there from the beginning.
        cluster.EdsClusterConfig = null;
        cluster.Type = Cluster.Types.DiscoveryType.Static;
        cluster.LoadAssignment = endpoints;
        return new() { Clusters = { cluster }, Listeners = { EnvoyMessages.Open<Listener>(snapshot.OfType(XdsType.Listener).Values.Single()) } };
    }

    /// <summary>The number of the workload that was reached; null when the connection was closed without a word.</summary>
    private static async Task<int?> WhoAnswersAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var answer = new byte[1];
        try
        {
            return await client.GetStream().ReadAsync(answer) == 1 ? answer[0] : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Servers that say their number to everybody who connects.</summary>
    private sealed class Workloads : IDisposable
    {
        private readonly List<TcpListener> _listeners = [];

        public Workloads(int count)
        {
            for (var number = 0; number < count; number++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                _listeners.Add(listener);
                _ = ServeAsync(listener, (byte)number);
            }
        }

        public IReadOnlyList<int> Ports => [.. _listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];

        public void Dispose() => _listeners.ForEach(l => l.Dispose());

        private static async Task ServeAsync(TcpListener listener, byte number)
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    await client.GetStream().WriteAsync(new[] { number });
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
