using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests.Silos;

/// <summary>Secrets that are made, read and deleted through all servers all the while. Of each is known what was acknowledged; a server that is killed may fail, another may not.</summary>
internal sealed class SecretsUnderLoad : IAsyncDisposable
{
    private readonly IReadOnlyList<ServerProcess> _servers;
    private readonly ConcurrentDictionary<string, Kept> _kept = new();
    private readonly ConcurrentDictionary<string, string> _deleted = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _load;
    private int _killed = -1;

    private SecretsUnderLoad(IReadOnlyList<ServerProcess> servers, int writers)
    {
        _servers = servers;
        _load = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => GoOnAsync(writer))));
    }

    public int Count => _kept.Count;

    public static async Task<SecretsUnderLoad> StartAsync(IReadOnlyList<ServerProcess> servers, int atLeast)
    {
        var load = new SecretsUnderLoad(servers, 2 * servers.Count);
        await Eventually.BecomesTrue("there are secrets", () => Task.FromResult(load._load.IsCompleted || load.Count >= atLeast));
        return load;
    }

    /// <summary>This one may not answer, until all answer again: then null.</summary>
    public void MayFail(int? server) => Volatile.Write(ref _killed, server ?? -1);

    /// <summary>Ends the load, which must not have met anything that is not as it was acknowledged.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _load;
    }

    /// <summary>Each server has every secret as it was acknowledged, and none that was deleted.</summary>
    public async Task HoldsAsync()
    {
        foreach (var server in _servers)
        {
            foreach (var (name, kept) in _kept)
                await IsReadAsync(server, name, kept);
            foreach (var (name, position) in _deleted)
            {
                using var gone = await ReadAsync(server, name, position);
                Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _load.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task GoOnAsync(int writer)
    {
        var through = writer % _servers.Count;
        for (var round = 0; !_stop.IsCancellationRequested; round++)
        {
            var name = $"s-{writer}-{round}";
            try
            {
                var data = Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
                using (var made = await _servers[through].Api.PutAsJsonAsync(Path(name), new { type = "Secret", mesh = "default", name, data }))
                {
                    await IsDoneAsync(made, through);
                    _kept[name] = new Kept(data, PositionOf(made));
                }

                if (round % 5 == 4 && _kept.TryRemove($"s-{writer}-{round - 3}", out _))
                {
                    using var deleted = await _servers[through].Api.DeleteAsync(Path($"s-{writer}-{round - 3}"));
                    await IsDoneAsync(deleted, through);
                    _deleted[$"s-{writer}-{round - 3}"] = PositionOf(deleted);
                }
            }
            catch (HttpRequestException) when (Volatile.Read(ref _killed) == through)
            {
                // Not acknowledged: it may have happened or not.
            }

            var reader = round % _servers.Count;
            try
            {
                if (_kept.ToArray() is { Length: > 0 } all && all[Random.Shared.Next(all.Length)] is var (read, kept) && _kept.ContainsKey(read))
                    await IsReadAsync(_servers[reader], read, kept, mayBeGone: true);
            }
            catch (HttpRequestException) when (Volatile.Read(ref _killed) == reader)
            {
            }

            await Task.Delay(20);
        }
    }

    // A server that starts again answers that it does not know enough yet.
    private void IsAnswer(HttpResponseMessage response, ServerProcess server)
    {
        if (response.StatusCode is HttpStatusCode.ServiceUnavailable && Volatile.Read(ref _killed) is >= 0 and var killed && _servers[killed] == server)
            throw new HttpRequestException("it starts");
    }

    private async Task IsDoneAsync(HttpResponseMessage response, int server)
    {
        IsAnswer(response, _servers[server]);
        Assert.True(response.IsSuccessStatusCode, $"{response.RequestMessage}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    private async Task IsReadAsync(ServerProcess server, string name, Kept kept, bool mayBeGone = false)
    {
        using var response = await ReadAsync(server, name, kept.Position);
        if (mayBeGone && response.StatusCode is HttpStatusCode.NotFound && !_kept.ContainsKey(name))
            return;
        var text = await response.Content.ReadAsStringAsync();
        IsAnswer(response, server);
        Assert.True(response.IsSuccessStatusCode, $"GET {name} of {server.ApiPort}: {(int)response.StatusCode} {text}\n{server.Log}");
        Assert.Equal(kept.Data, (string?)JsonNode.Parse(text)!["data"]);
    }

    private static async Task<HttpResponseMessage> ReadAsync(ServerProcess server, string name, string position)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path(name));
        request.Headers.Add("Mesh-Position", position);
        return await server.Api.SendAsync(request);
    }

    private static string Path(string name) => $"/meshes/default/secrets/{name}";

    private static string PositionOf(HttpResponseMessage response) => response.Headers.GetValues("Mesh-Position").Single();

    private sealed record Kept(string Data, string Position);
}
