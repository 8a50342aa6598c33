using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>A service that speaks plain TCP: permission decides who connects, and who stays connected.</summary>
[Trait("Category", "Slow")]
public sealed class TcpServiceTests : IAsyncLifetime
{
    private const int DrainSeconds = 2;

    private ServerProcess _server = null!;
    private TcpEcho _database = null!;
    private Sidecar _databaseSidecar = null!;
    private Sidecar _web = null!;
    private Sidecar _report = null!;

    public async Task InitializeAsync()
    {
        Checkout.Envoy();
        _server = await ServerProcess.StartAsync();
        await _server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        _database = new TcpEcho();
        _databaseSidecar = await Sidecar.StartAsync(_server, new SidecarSpec("database-1", "database", _database.Port, "tcp"), drainSeconds: DrainSeconds);
        await _databaseSidecar.ListensAsync();
        _web = await Sidecar.StartAsync(_server, new SidecarSpec("web-1", "web", 9, "tcp").Calling("database"));
        _report = await Sidecar.StartAsync(_server, new SidecarSpec("report-1", "report", 9, "tcp").Calling("database"));
        foreach (var client in (Sidecar[])[_web, _report])
        {
            await client.ListensAsync();
            await Eventually.BecomesTrue("the database is known", async () => await client.StatAsync("cluster.database.membership_healthy") == 1);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var started in (IAsyncDisposable?[])[_web, _report, _databaseSidecar, _database, _server])
        {
            if (started is not null)
                await started.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task Without_permission_a_connection_ends_before_the_workload_sees_a_byte()
    {
        using var connection = await TcpCaller.ConnectAsync(_web.Spec.To("database"));

        Assert.Null(await connection.EchoAsync("hello"));
        Assert.Equal(0, _database.BytesSeen);
    }

    [SkippableFact]
    public async Task Without_permission_not_even_the_greeting_of_a_service_that_speaks_first_is_heard()
    {
        await using var greeter = new TcpEcho("220 welcome\r\n");
        await using var greeterSidecar = await Sidecar.StartAsync(_server, new SidecarSpec("mail-1", "mail", greeter.Port, "tcp"));
        await greeterSidecar.ListensAsync();
        await using var client = await Sidecar.StartAsync(_server, new SidecarSpec("client-1", "client", 9, "tcp").Calling("mail"));
        await client.ListensAsync();
        await Eventually.BecomesTrue("the service is known", async () => await client.StatAsync("cluster.mail.membership_healthy") == 1);

        using (var refused = await TcpCaller.ConnectAsync(client.Spec.To("mail")))
            Assert.Equal("", await refused.ReadToEndAsync());

        await _server.ApplyAsync(Resources.PermissionPath("client-to-mail"), Resources.Permission("client-to-mail", "client", "mail"));
        await Eventually.BecomesTrue("the greeting is heard", async () =>
        {
            using var permitted = await TcpCaller.ConnectAsync(client.Spec.To("mail"));
            return await permitted.ReadAsync("220 welcome\r\n".Length) == "220 welcome\r\n";
        });
    }

    [SkippableFact]
    public async Task An_open_connection_is_closed_after_its_permission_is_withdrawn()
    {
        await PermitAsync("web");
        using var connection = await EchoesAsync(_web);

        await _server.DeleteAsync(Resources.PermissionPath("web-to-database"));

        await Eventually.BecomesTrue("the open connection is closed", async () => await connection.EchoAsync("still there?") is null);
        await IsRefusedAsync(_web);
    }

    [SkippableFact]
    public async Task An_open_connection_of_a_quarantined_proxy_is_closed_and_it_gets_no_other()
    {
        await _server.ApplyAsync(Resources.PermissionPath("to-database"), Resources.Permission("to-database", "*", "database"));
        using var connection = await EchoesAsync(_web);

        await _server.ApplyAsync("/meshes/default/proxy-quarantines/stolen", """{"type": "ProxyQuarantine", "mesh": "default", "name": "stolen", "proxy": "web-1"}""");

        await Eventually.BecomesTrue("the open connection is closed", async () => await connection.EchoAsync("still there?") is null);
        await IsRefusedAsync(_web);
        using var other = await EchoesAsync(_report);
    }

    [SkippableFact]
    public async Task A_permission_that_is_added_closes_no_open_connection()
    {
        await PermitAsync("web");
        using var connection = await EchoesAsync(_web);

        await _server.ApplyAsync(Resources.PermissionPath("web-to-database"), """
            {"type": "TrafficPermission", "mesh": "default", "name": "web-to-database",
             "sources": [{"match": {"kuma.io/service": "web"}}, {"match": {"kuma.io/service": "report"}}],
             "destinations": [{"match": {"kuma.io/service": "database"}}]}
            """);
        using var other = await EchoesAsync(_report);
        await Task.Delay(TimeSpan.FromSeconds(DrainSeconds + 2));

        Assert.Equal("again", await connection.EchoAsync("again"));
    }

    private Task PermitAsync(string source)
        => _server.ApplyAsync(Resources.PermissionPath($"{source}-to-database"), Resources.Permission($"{source}-to-database", source, "database"));

    private static async Task<TcpCaller> EchoesAsync(Sidecar client)
    {
        TcpCaller? connection = null;
        await Eventually.BecomesTrue($"{client.Spec.Name} may connect", async () =>
        {
            connection?.Dispose();
            connection = await TcpCaller.ConnectAsync(client.Spec.To("database"));
            return await connection.EchoAsync("hello") == "hello";
        });
        return connection!;
    }

    private static async Task IsRefusedAsync(Sidecar client)
    {
        using var connection = await TcpCaller.ConnectAsync(client.Spec.To("database"));
        Assert.Null(await connection.EchoAsync("hello"));
    }

    /// <summary>A TCP workload that sends back what it gets.</summary>
    private sealed class TcpEcho : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;
        private long _bytesSeen;

        private readonly byte[] _greeting;

        /// <param name="greeting">What it says before it is spoken to.</param>
        public TcpEcho(string greeting = "")
        {
            _greeting = Encoding.ASCII.GetBytes(greeting);
            _listener.Start();
            _serving = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public long BytesSeen => Volatile.Read(ref _bytesSeen);

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _serving;
        }

        private async Task ServeAsync()
        {
            while (true)
            {
                try
                {
                    _ = EchoAsync(await _listener.AcceptTcpClientAsync());
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private async Task EchoAsync(TcpClient client)
        {
            using (client)
            {
                var buffer = new byte[4096];
                try
                {
                    await client.GetStream().WriteAsync(_greeting);
                    int read;
                    while ((read = await client.GetStream().ReadAsync(buffer)) > 0)
                    {
                        Interlocked.Add(ref _bytesSeen, read);
                        await client.GetStream().WriteAsync(buffer.AsMemory(0, read));
                    }
                }
                catch (IOException)
                {
                }
            }
        }
    }

    /// <summary>A connection of the workload's through its own sidecar.</summary>
    private sealed class TcpCaller : IDisposable
    {
        private readonly TcpClient _client = new();

        public static async Task<TcpCaller> ConnectAsync(Uri to)
        {
            var caller = new TcpCaller();
            await caller._client.ConnectAsync(to.Host, to.Port);
            return caller;
        }

        /// <summary>What came back; null when the connection is closed.</summary>
        public async Task<string?> EchoAsync(string text)
        {
            try
            {
                using var patience = new CancellationTokenSource(Eventually.Patience);
                await _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), patience.Token);
                var buffer = new byte[text.Length];
                var read = await _client.GetStream().ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, patience.Token);
                return read == buffer.Length ? Encoding.ASCII.GetString(buffer) : null;
            }
            catch (IOException)
            {
                return null;
            }
        }

        /// <summary>That many characters, or what there was when the connection was closed.</summary>
        public async Task<string> ReadAsync(int length)
        {
            using var patience = new CancellationTokenSource(Eventually.Patience);
            var buffer = new byte[length];
            try
            {
                var read = await _client.GetStream().ReadAtLeastAsync(buffer, length, throwOnEndOfStream: false, patience.Token);
                return Encoding.ASCII.GetString(buffer, 0, read);
            }
            catch (IOException)
            {
                return "";
            }
        }

        /// <summary>All that is said until the connection is closed.</summary>
        public Task<string> ReadToEndAsync() => ReadAsync(64 * 1024);

        public void Dispose() => _client.Dispose();
    }
}
