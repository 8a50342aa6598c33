using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace OrleansMesh.XdsGateway.Tests.Grpc;

public sealed class GrpcEndpointsTests(GrpcServer server) : IClassFixture<GrpcServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Messages_are_echoed_and_the_status_follows_in_trailers()
    {
        var answer = await server.CallAsync("Echo", [.. GrpcAnswer.Frame("one"u8), .. GrpcAnswer.Frame([]), .. GrpcAnswer.Frame("three"u8)]);

        Assert.Equal(["one", "", "three"], answer.Messages.Select(Encoding.ASCII.GetString));
        Assert.Equal((200, "0", false), (answer.HttpStatus, answer.Status, answer.TrailersOnly));
    }

    [Fact]
    public async Task A_call_without_messages_is_ended_by_trailers_alone()
    {
        var answer = await server.CallAsync("Echo", []);
        Assert.Equal((200, "0", true), (answer.HttpStatus, answer.Status, answer.TrailersOnly));
        Assert.Empty(answer.Messages);
    }

    [Fact]
    public async Task A_message_may_arrive_byte_by_byte_and_is_answered_before_the_client_has_ended()
    {
        using var content = new PushContent();
        var opening = server.OpenAsync("Echo", content);
        foreach (var octet in GrpcAnswer.Frame("slow"u8))
            await content.PushAsync(new[] { octet });

        using var response = await opening.WaitAsync(Patience);
        var first = new byte[9];
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(first).AsTask().WaitAsync(Patience);
        Assert.Equal(GrpcAnswer.Frame("slow"u8), first);

        await content.PushAsync(GrpcAnswer.Frame("again"u8));
        await stream.ReadExactlyAsync(new byte[10]).AsTask().WaitAsync(Patience);
        content.Complete();
        Assert.Equal(0, await stream.ReadAsync(first).AsTask().WaitAsync(Patience));
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task After_half_close_the_server_may_still_speak()
    {
        var answer = await server.CallAsync("Count", [.. GrpcAnswer.Frame("12"u8), .. GrpcAnswer.Frame("345"u8)]);
        Assert.Equal("2 5", Encoding.ASCII.GetString(Assert.Single(answer.Messages)));
    }

    [Fact]
    public async Task A_message_at_the_limit_passes_and_one_above_it_does_not()
    {
        var atLimit = new byte[GrpcServer.MaxMessageBytes];
        Random.Shared.NextBytes(atLimit);
        var answer = await server.CallAsync("Echo", GrpcAnswer.Frame(atLimit));
        Assert.Equal("0", answer.Status);
        Assert.Equal(atLimit, Assert.Single(answer.Messages));

        using var content = new PushContent();
        var opening = server.OpenAsync("Echo", content);
        await content.PushAsync(new byte[] { 0, 0, 16, 0, 1 });
        using var response = await opening.WaitAsync(Patience);
        answer = await GrpcAnswer.ReadAsync(response);
        Assert.Equal(("8", $"a message of {GrpcServer.MaxMessageBytes + 1} bytes is above the limit of {GrpcServer.MaxMessageBytes} bytes"), (answer.Status, answer.Message));
        content.Complete();
    }

    [Fact]
    public async Task More_bytes_than_the_limit_pass_in_several_messages()
    {
        var body = Enumerable.Repeat(GrpcAnswer.Frame(new byte[GrpcServer.MaxMessageBytes / 2]), 8).SelectMany(frame => frame).ToArray();
        var answer = await server.CallAsync("Count", body);
        Assert.Equal($"8 {4 * GrpcServer.MaxMessageBytes}", Encoding.ASCII.GetString(Assert.Single(answer.Messages)));
    }

    [Fact]
    public async Task Segments_are_joined_and_messages_share_a_flush()
    {
        var answer = await server.CallAsync("Pieces", []);

        Assert.Equal(3, answer.Messages.Count);
        for (var message = 0; message < 3; message++)
        {
            Assert.Equal(200_001, answer.Messages[message].Length);
            Assert.Equal((byte)message, answer.Messages[message][0]);
            Assert.Equal(unchecked((byte)99_999), answer.Messages[message][200_000]);
        }
    }

    [Fact]
    public async Task A_compressed_message_is_refused_and_the_encodings_are_named()
    {
        var answer = await server.CallAsync("Echo", GrpcAnswer.Frame("zipped"u8, flag: 1), request => request.Headers.Add("grpc-encoding", "gzip"));
        Assert.Equal(("12", "identity"), (answer.Status, answer.AcceptEncoding));
    }

    [Fact]
    public async Task An_uncompressed_message_passes_whatever_the_client_could_have_used()
    {
        var answer = await server.CallAsync("Echo", GrpcAnswer.Frame("plain"u8), request => request.Headers.Add("grpc-encoding", "gzip"));
        Assert.Equal("0", answer.Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_flag_that_does_not_fit_is_an_internal_error(byte flag)
    {
        var answer = await server.CallAsync("Echo", GrpcAnswer.Frame("?"u8, flag));
        Assert.Equal("13", answer.Status);
    }

    [Fact]
    public async Task A_body_that_ends_within_a_message_is_an_internal_error()
    {
        var answer = await server.CallAsync("Count", GrpcAnswer.Frame("whole"u8)[..7]);
        Assert.Equal(("13", "the request ends in the middle of a message"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task A_refusal_is_trailers_only_and_its_words_are_percent_encoded()
    {
        var answer = await server.CallAsync("Refuse", []);
        Assert.Equal(("16", true), (answer.Status, answer.TrailersOnly));
        Assert.Equal("no token %E2%80%94 100%25 sure", answer.Message);
        Assert.Equal("no token — 100% sure", Uri.UnescapeDataString(answer.Message!));
    }

    [Fact]
    public async Task A_status_after_a_message_follows_it()
    {
        var answer = await server.CallAsync("FailAfterOne", []);
        Assert.Equal([42], Assert.Single(answer.Messages));
        Assert.Equal(("9", "enough", false), (answer.Status, answer.Message, answer.TrailersOnly));
    }

    [Fact]
    public async Task An_exception_of_a_handler_reveals_nothing()
    {
        var answer = await server.CallAsync("Fail", []);
        Assert.Equal(("13", "internal error"), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("/test.Echo/Nothing")]
    [InlineData("/no.Such/Service")]
    public async Task An_unknown_method_is_unimplemented(string path)
    {
        var answer = await server.CallAsync("Echo", [], request => request.RequestUri = new Uri(path, UriKind.Relative));
        Assert.Equal((200, "12", true), (answer.HttpStatus, answer.Status, answer.TrailersOnly));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpcx")]
    public async Task Another_content_type_is_415(string contentType)
    {
        var answer = await server.CallAsync("Echo", [], request => request.Content!.Headers.ContentType = new MediaTypeHeaderValue(contentType));
        Assert.Equal((415, null), (answer.HttpStatus, answer.Status));
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc; charset=utf-8")]
    public async Task Forms_of_the_content_type_pass(string contentType)
    {
        var answer = await server.CallAsync("Echo", [], request => request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType));
        Assert.Equal("0", answer.Status);
    }

    [Fact]
    public async Task Another_verb_finds_nothing()
    {
        var answer = await server.CallAsync("Echo", [], request => request.Method = HttpMethod.Put);
        Assert.Equal((404, null), (answer.HttpStatus, answer.Status));
    }

    [Fact]
    public async Task Http_1_is_505()
    {
        using var client = new HttpClient { BaseAddress = server.Http1Address };
        using var content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
        using var response = await client.PostAsync("/test.Echo/Echo", content);
        Assert.Equal(HttpStatusCode.HttpVersionNotSupported, response.StatusCode);
    }

    [Fact]
    public async Task A_deadline_ends_a_call_that_waits()
    {
        var answer = await server.CallAsync("Wait", [], request => request.Headers.Add("grpc-timeout", "50m"));
        Assert.Equal("4", answer.Status);
    }

    [Fact]
    public async Task A_deadline_ends_a_call_that_reads()
    {
        using var content = new PushContent();
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        var answer = server.CallAsync("Echo", content, request => request.Headers.Add("grpc-timeout", "50m"));
        Assert.Equal("4", (await answer.WaitAsync(Patience)).Status);
        content.Complete();
    }

    [Theory]
    [InlineData("0S", "4")]
    [InlineData("10", "13")]
    [InlineData("123456789S", "13")]
    [InlineData("-1S", "13")]
    [InlineData("5x", "13")]
    [InlineData("99999999H", "0")]
    public async Task A_timeout_is_read_as_the_protocol_has_it(string timeout, string status)
    {
        var answer = await server.CallAsync("Echo", [], request => request.Headers.Add("grpc-timeout", timeout));
        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task A_client_that_goes_cancels_its_call()
    {
        using var content = new PushContent();
        var response = await server.OpenAsync("Watched", content).WaitAsync(Patience);
        Assert.False(server.WatchedCallEnded.IsCompleted);
        response.Dispose();

        await server.WatchedCallEnded.WaitAsync(Patience);
        content.Complete();
    }

    [Fact]
    public async Task Calls_on_one_connection_do_not_wait_for_each_other()
    {
        using var slow = new PushContent();
        var opening = server.OpenAsync("Echo", slow);
        await slow.PushAsync(GrpcAnswer.Frame("first"u8));
        using var response = await opening.WaitAsync(Patience);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => server.CallAsync("Echo", GrpcAnswer.Frame(BitConverter.GetBytes(n)))))
            .WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 50), answers.Select(answer => BitConverter.ToInt32(answer.Messages.Single())));

        slow.Complete();
        Assert.Equal("first", Encoding.ASCII.GetString((await GrpcAnswer.ReadAsync(response)).Messages.Single()));
    }
}
