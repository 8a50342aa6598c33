using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation.Endpoints;
using MeshEndpoint = OrleansMesh.Domain.Services.Endpoint;

namespace OrleansMesh.Translation.Tests;

public class EndpointTests
{
    private static readonly MeshEndpoint[] Endpoints =
    [
        new("10.0.0.3", 80, Tags(("region", "eu"), ("version", "v1")), Ready: true),
        new("10.0.0.2", 81, Tags(("version", "v2")), Ready: true),
        new("10.0.0.2", 80, Tags(("region", "us"), ("version", "v2")), Ready: false),
    ];

    [Fact]
    public void Of_any_order_come_the_same_bytes()
    {
        var service = new EndpointSelection("backend", TagSet.Empty);
        var one = EndpointTranslation.ForService(service, Endpoints);
        var other = EndpointTranslation.ForService(service, Endpoints.Reverse());
        Assert.Equal(one.Body.ToArray(), other.Body.ToArray());
        Assert.Equal(one.Version, other.Version);
        Assert.Equal(["10.0.0.2:80", "10.0.0.2:81", "10.0.0.3:80"], Listed(one));
    }

    [Theory]
    [InlineData("version", "v2", new[] { "10.0.0.2:80", "10.0.0.2:81" })]
    [InlineData("region", "*", new[] { "10.0.0.2:80", "10.0.0.3:80" })]
    [InlineData("region", "asia", new string[0])]
    public void Further_tags_choose_among_them(string tag, string value, string[] expected)
    {
        var resource = EndpointTranslation.ForService(new EndpointSelection("backend", TagSet.Of((tag, value))), Endpoints);
        Assert.Equal(expected, Listed(resource));
        Assert.Equal($"backend{{{tag}={value}}}", resource.Name);
        Assert.Equal(resource.Name, EnvoyMessages.Open<ClusterLoadAssignment>(resource).ClusterName);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Of_two_at_one_address_the_ready_one_counts(bool first, bool second)
    {
        var resource = EndpointTranslation.ForService(
            new EndpointSelection("backend", TagSet.Empty), [new("10.0.0.2", 80, Tags(), first), new("10.0.0.2", 80, Tags(), second)]);
        Assert.Equal(HealthStatus.Healthy, EnvoyMessages.Open<ClusterLoadAssignment>(resource).Endpoints.Single().LbEndpoints.Single().HealthStatus);
    }

    private static IEnumerable<string> Listed(EncodedResource resource) => EnvoyMessages.Open<ClusterLoadAssignment>(resource).Endpoints
        .SelectMany(l => l.LbEndpoints).Select(e => $"{e.Endpoint.Address.SocketAddress.Address}:{e.Endpoint.Address.SocketAddress.PortValue}");

    private static TagSet Tags(params (string Tag, string Value)[] tags) => TagSet.Of([.. tags, (TagSet.ServiceTag, "backend")]);
}
