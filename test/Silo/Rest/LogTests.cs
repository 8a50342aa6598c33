using System.Text;
using OrleansMesh.Domain.Events;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Transfer;

namespace OrleansMesh.Silo.Tests.Rest;

public sealed class LogTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task The_whole_log_is_had_from_a_server_that_runs_and_shows_no_secret()
    {
        await server.PutAsync("/meshes/exported", Documents.Mesh("exported"));
        await server.PostAsync("/tokens/dataplane", """{"mesh":"exported","name":"web-1","validFor":"1h"}""");

        var answer = await server.GetAsync("/log/export");

        Assert.Equal((200, "application/x-ndjson"), (answer.Status, answer.ContentType));
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(answer.Text));
        var report = await LogProof.OfExportAsync(file, e => EventCodec.Decode(e.Type, e.Data.Span));
        Assert.Equal(await server.Server.Services.GetRequiredService<IEventStore>().HeadAsync(), report.Content.Events);
        Assert.Equal(1, report.Content.DataKeys);
        var key = await File.ReadAllBytesAsync(Path.Combine(server.Data, "key-encryption.key"));
        Assert.DoesNotContain(Convert.ToBase64String(key), answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", answer.Text, StringComparison.Ordinal);
    }
}
