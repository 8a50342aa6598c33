using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Load.Sidecars;
using OrleansMesh.Load.Tests.Xds;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Tests.Sidecars;

public sealed class FreshComparisonTests
{
    private static readonly Reference Cluster = new(ResourceType.Cluster, "a");
    private static readonly Reference Identity = new(ResourceType.Secret, "identity");

    [Fact]
    public void The_same_bytes_are_no_difference()
        => Assert.Null(FreshComparison.Difference("p", Held(Cluster, Discovery.Cluster("a")), Held(Cluster, Discovery.Cluster("a"))));

    [Fact]
    public void One_byte_is_a_difference()
        => Assert.Equal(
            "p held another Cluster 'a' than a fresh connection is given",
            FreshComparison.Difference("p", Held(Cluster, Discovery.Cluster("a")), Held(Cluster, Discovery.Cluster("b"))));

    [Fact]
    public void What_only_one_of_them_has_is_a_difference()
    {
        Assert.Equal("p held Cluster 'a', which a fresh connection is not given", FreshComparison.Difference("p", Held(Cluster, Discovery.Cluster("a")), Nothing));
        Assert.Equal("p lacked Cluster 'a', which a fresh connection is given", FreshComparison.Difference("p", Nothing, Held(Cluster, Discovery.Cluster("a"))));
    }

    [Fact]
    public void Of_certificates_only_that_there_is_one_is_compared()
    {
        Assert.Null(FreshComparison.Difference("p", Held(Identity, Certificate("one")), Held(Identity, Certificate("two"))));
        Assert.NotNull(FreshComparison.Difference("p", Held(Identity, Certificate("one")), Held(Identity, Discovery.Secret("identity"))));
        Assert.NotNull(FreshComparison.Difference("p", Held(Identity, Trust("one")), Held(Identity, Trust("two"))));
    }

    private static Dictionary<Reference, Body> Nothing => [];

    private static Secret Certificate(string chain) => new() { Name = "identity", TlsCertificate = new() { CertificateChain = new() { InlineString = chain } } };

    private static Secret Trust(string authority) => new() { Name = "identity", ValidationContext = new() { TrustedCa = new() { InlineString = authority } } };

    private static Dictionary<Reference, Body> Held(Reference reference, IMessage message)
        => new() { [reference] = new Body(Any.Pack(message).ToByteArray(), ResourceContent.Nothing) };
}
