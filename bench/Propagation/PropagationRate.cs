using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using OrleansMesh.EndToEnd.Tests.Harness;
using OrleansMesh.EventStore.Bench;

namespace OrleansMesh.Propagation;

/// <summary>How long a write through one server takes to be seen through another one on the same log: in its reads, and by a proxy that is connected to it.</summary>
internal static class PropagationRate
{
    private const string ExtensionType = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

    public static async Task MeasureAsync(int rounds, TextWriter output)
    {
        await using var fleet = await SiloFleet.StartAsync(2);
        var (here, there) = (fleet.Silos[0], fleet.Silos[1]);
        await here.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        var spec = new SidecarSpec("backend-1", "backend", 9);
        await using var proxy = await WatchingProxy.ConnectAsync(there, spec, await there.TokenAsync(spec.Name, service: spec.Service));

        List<double> acknowledged = [], read = [], held = [];
        for (var round = -rounds / 10; round < rounds; round++)
        {
            var source = $"source-{round + rounds}";
            var seen = proxy.Expect(source);
            var start = Stopwatch.GetTimestamp();
            await here.ApplyAsync(Resources.PermissionPath("p"), Resources.Permission("p", source, "backend"));
            var answered = Stopwatch.GetElapsedTime(start);
            while (!await ShowsAsync(there, source))
                await Task.Yield();
            var shown = Stopwatch.GetElapsedTime(start);
            var arrived = await seen.WaitAsync(TimeSpan.FromSeconds(30));

            // The first rounds are those in which the servers compile themselves.
            if (round < 0)
                continue;
            acknowledged.Add(answered.TotalMilliseconds);
            read.Add(shown.TotalMilliseconds);
            held.Add(Stopwatch.GetElapsedTime(start, arrived).TotalMilliseconds);
        }

        output.WriteLine($"{rounds} writes through one server of two on one PostgreSQL, milliseconds from the request:");
        Print("acknowledged", acknowledged);
        Print("seen by a read through the other", read);
        Print("held by a proxy of the other", held);

        void Print(string what, List<double> times)
        {
            double[] sorted = [.. times.Order()];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-34} p50 {Percentile.Of(sorted, 50):0.0}   p99 {Percentile.Of(sorted, 99):0.0}"));
        }
    }

    private static async Task<bool> ShowsAsync(ServerProcess server, string source)
    {
        using var response = await server.Api.GetAsync(Resources.PermissionPath("p"));
        return response.StatusCode == HttpStatusCode.OK && (await response.Content.ReadAsStringAsync()).Contains($"\"{source}\"", StringComparison.Ordinal);
    }

    /// <summary>A connected proxy that notes when it was sent a permission with a given source.</summary>
    private sealed class WatchingProxy : IAsyncDisposable
    {
        private readonly XdsClient _client;
        private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _expected = new();
        private readonly Task _running;

        private WatchingProxy(XdsClient client)
        {
            _client = client;
            _running = RunAsync();
        }

        public static async Task<WatchingProxy> ConnectAsync(ServerProcess server, SidecarSpec spec, string token)
        {
            var client = XdsClient.Connect(server, token);
            await client.SendAsync(new DeltaDiscoveryRequest { Node = XdsClient.NodeOf(spec), TypeUrl = ExtensionType, ResourceNamesSubscribe = { "*" } });
            return new WatchingProxy(client);
        }

        /// <summary>When it came, as a <see cref="Stopwatch"/> time stamp.</summary>
        public Task<long> Expect(string source)
            => (_expected[source] = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        private async Task RunAsync()
        {
            while (await _client.ReceiveAsync() is { } response)
            {
                var now = Stopwatch.GetTimestamp();
                var bytes = response.ToByteArray();
                foreach (var (source, arrived) in _expected)
                {
                    if (bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(source)) >= 0 && _expected.TryRemove(source, out _))
                        arrived.SetResult(now);
                }

                await _client.SendAsync(new DeltaDiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce });
            }
        }
    }
}
