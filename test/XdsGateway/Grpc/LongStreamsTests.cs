using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using OrleansMesh.XdsGateway.Grpc;

namespace OrleansMesh.XdsGateway.Tests.Grpc;

public sealed class LongStreamsTests
{
    [Fact]
    public void AnAcceptedConnectionHasTheKernelLookAfterIt()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.ForLongStreams().Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);

        using var accepted = listener.Accept();

        Assert.NotEqual(0, (int)accepted.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        Assert.Equal(30, accepted.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        if (!OperatingSystem.IsLinux())
            return;
        var unacknowledged = new byte[4];
        accepted.GetRawSocketOption(6, 18, unacknowledged);
        Assert.Equal(50_000, BitConverter.ToInt32(unacknowledged));
    }

    [Fact]
    public async Task AConnectionIsLookedAfterOnceInTwentyBeatsAndNotAllInTheSameSecond()
    {
        var hearts = Enumerable.Range(0, 20).Select(_ => new Heart()).ToList();
        foreach (var heart in hearts)
        {
            var builder = new ConnectionBuilder(NoServices.Instance);
            builder.UseSparseHeartbeat();
            builder.Run(connection =>
            {
                connection.Features.Get<IConnectionHeartbeatFeature>()!.OnHeartbeat(looked => ((List<int>)looked).Add(heart.Beats), heart.Looked);
                return Task.CompletedTask;
            });
            var connection = new DefaultConnectionContext();
            connection.Features.Set<IConnectionHeartbeatFeature>(heart);
            await builder.Build()(connection);
        }

        for (var second = 0; second < 60; second++)
            hearts.ForEach(heart => heart.Beat());

        Assert.All(hearts, heart => Assert.Equal([20, 20], heart.Looked.Zip(heart.Looked.Skip(1), (one, next) => next - one)));
        Assert.Equal(20, hearts.Select(heart => heart.Looked[0]).Distinct().Count());
    }

    private sealed class Heart : IConnectionHeartbeatFeature
    {
        private Action _beat = () => { };

        public int Beats { get; private set; }

        public List<int> Looked { get; } = [];

        public void OnHeartbeat(Action<object> action, object state) => _beat += () => action(state);

        public void Beat()
        {
            Beats++;
            _beat();
        }
    }

    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
