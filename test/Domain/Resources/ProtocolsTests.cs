using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Resources;

public class ProtocolsTests
{
    [Theory]
    [InlineData("http", Protocol.Http)]
    [InlineData("HTTP2", Protocol.Http2)]
    [InlineData("grpc", Protocol.Grpc)]
    [InlineData("tcp", Protocol.Tcp)]
    [InlineData("kafka", Protocol.Tcp)]
    [InlineData("tls", Protocol.Tcp)]
    public void The_protocol_tag_says_what_an_inbound_speaks(string tag, Protocol protocol)
        => Assert.Equal(protocol, Protocols.Of(TagSet.Of((TagSet.ServiceTag, "a"), (TagSet.ProtocolTag, tag))));

    [Fact]
    public void Without_the_tag_it_is_TCP() => Assert.Equal(Protocol.Tcp, Protocols.Of(TagSet.Empty));

    [Theory]
    [InlineData(Protocol.Http, Protocol.Http, Protocol.Http)]
    [InlineData(Protocol.Grpc, Protocol.Http2, Protocol.Http)]
    [InlineData(Protocol.Tcp, Protocol.Http, Protocol.Tcp)]
    [InlineData(Protocol.Grpc, Protocol.Tcp, Protocol.Tcp)]
    public void What_two_have_in_common(Protocol a, Protocol b, Protocol common) => Assert.Equal(common, Protocols.Common(a, b));
}
