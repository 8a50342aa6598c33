using System.Globalization;

namespace OrleansMesh.Silo.Tests.Rest;

/// <summary>The header <c>Mesh-Position</c>.</summary>
public sealed class LogPositionTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Every_change_carries_the_position_that_includes_it_and_a_read_does_not()
    {
        var made = await server.PutAsync("/meshes/positioned", Documents.Mesh("positioned"));
        var token = await server.PostAsync("/tokens/dataplane", """{"mesh":"positioned","name":"web-1","validFor":"1h"}""");
        Assert.True(Position(token) > Position(made));
        Assert.Equal(Position(token), Position(await server.PutAsync("/meshes/positioned", Documents.Mesh("positioned"))));
        Assert.True(Position(await server.DeleteAsync("/meshes/positioned")) > Position(token));
        Assert.False((await server.GetAsync("/meshes")).Headers.Contains("Mesh-Position"));
        Assert.False((await server.DeleteAsync("/meshes/positioned")).Headers.Contains("Mesh-Position"));
    }

    [Fact]
    public async Task A_read_waits_for_the_position_that_it_carries_and_says_when_that_does_not_come()
    {
        var made = await server.PutAsync("/meshes/awaited", Documents.Mesh("awaited"));
        Assert.Equal(200, (await ReadAsync("/meshes/awaited", $"{Position(made)}")).Status);

        // The position is there as soon as somebody else has written it.
        var head = Position(made);
        var waiting = ReadAsync("/meshes/awaited-2", $"{head + 1}");
        await Task.Delay(50);
        Assert.Equal(head + 1, Position(await server.PutAsync("/meshes/awaited-2", Documents.Mesh("awaited-2"))));
        Assert.Equal(200, (await waiting).Status);

        var late = await ReadAsync("/meshes", $"{long.MaxValue}");
        Assert.Equal((503, "1"), (late.Status, late.Headers.RetryAfter?.ToString()));
        Assert.Contains($"not yet to {long.MaxValue}", late.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("")]
    public async Task What_is_no_position_is_refused(string position) => Assert.Equal(400, (await ReadAsync("/meshes", position)).Status);

    private Task<Answer> ReadAsync(string path, string position) => server.SendAsync(HttpMethod.Get, path, headers: ("Mesh-Position", position));

    private static long Position(Answer answer) => long.Parse(Assert.Single(answer.Headers.GetValues("Mesh-Position")), CultureInfo.InvariantCulture);
}
