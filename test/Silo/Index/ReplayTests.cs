using OrleansMesh.EventStore;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Tests.Index;

public sealed class ReplayTests
{
    private static readonly string[] Reads =
        ["/meshes", "/dataplanes", "/traffic-permissions", "/dataplanes/_overview", "/mesh-insights", "/service-insights"];

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task After_a_restart_the_index_answers_as_the_live_one_did(int seed)
    {
        var random = new Random(seed);
        var server = await TestServer.StartAsync(("proxies.reconcileInterval", "1d"));
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Write(server, new Random(random.Next()))));
            await Quiet(server);
            var live = await Read(server);
            await server.RestartAsync();
            await Quiet(server);
            Assert.Equal(live, await Read(server));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task Write(TestServer server, Random random)
    {
        for (var i = 0; i < 40; i++)
        {
            var mesh = $"m{random.Next(2)}";
            var name = $"x{random.Next(4)}";
            var answer = await (random.Next(8) switch
            {
                0 or 1 => server.PutAsync($"/meshes/{mesh}", Documents.Mesh(mesh, random.Next(2) == 0)),
                2 => server.DeleteAsync($"/meshes/{mesh}"),
                3 or 4 => server.PutAsync($"/meshes/{mesh}/dataplanes/{name}", Documents.Dataplane(mesh, name, $"s{random.Next(3)}", 10000 + random.Next(5))),
                5 => server.DeleteAsync($"/meshes/{mesh}/dataplanes/{name}"),
                6 => server.PutAsync($"/meshes/{mesh}/traffic-permissions/{name}", Documents.Permission(mesh, name, $"s{random.Next(3)}", $"s{random.Next(3)}")),
                _ => server.DeleteAsync($"/meshes/{mesh}/traffic-permissions/{name}"),
            });
            Assert.True(answer.Status is 200 or 201 or 400 or 404, answer.Text);
        }
    }

    // Until no grain has written anything for a while, and the index has it all.
    private static async Task Quiet(TestServer server)
    {
        var store = server.Server.Services.GetRequiredService<IEventStore>();
        for (long head = -1, before = -2; head != before;)
        {
            await Task.Delay(300);
            (before, head) = (head, await store.HeadAsync());
            await server.Server.Services.GetRequiredService<ResourceIndex>().WaitForAsync(head);
        }
    }

    private static async Task<string> Read(TestServer server)
        => string.Join('\n', await Task.WhenAll(Reads.Select(async path => $"{path} {(await server.GetAsync(path)).Text}")));
}
