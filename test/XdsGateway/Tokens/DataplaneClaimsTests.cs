using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.XdsGateway.Tests.Hosting;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway.Tests.Tokens;

public sealed class DataplaneClaimsTests
{
    private static readonly ProxyId Proxy = new("default", "backend-1");
    private static readonly DataplaneClaims Good = new("backend-1", "default", "dataplane", new Dictionary<string, IReadOnlyList<string>>
    {
        [TagSet.ServiceTag] = ["backend", "backend-admin"],
    });

    public static TheoryData<string, string?> Cases => new()
    {
        { "as it is", null },
        { "any name", null },
        { "no type", null },
        { "no tags", null },
        { "two inbounds, both allowed", null },
        { "a tag on one of two inbounds", null },
        { "another mesh", "the token is for mesh 'other', the proxy says 'default'" },
        { "another case of the mesh", "the token is for mesh 'Default', the proxy says 'default'" },
        { "no mesh", "the token is for mesh '', the proxy says 'default'" },
        { "another name", "the token is for proxy 'backend-2', the proxy says 'backend-1'" },
        { "another type", "the token is for a proxy of type 'ingress', not 'dataplane'" },
        { "another Dataplane", "the Dataplane is 'default/backend-2', the proxy says 'default/backend-1'" },
        { "a Dataplane of another mesh", "the Dataplane is 'other/backend-1', the proxy says 'default/backend-1'" },
        { "another service", "the token allows kuma.io/service = backend | backend-admin, an inbound has 'web'" },
        { "two inbounds, one of another service", "the token allows kuma.io/service = backend | backend-admin, an inbound has 'web'" },
        { "a tag that no inbound has", "the token requires the tag 'version', which no inbound has" },
        { "a Dataplane without inbounds", "the token requires the tag 'kuma.io/service', which no inbound has" },
        { "a tag without allowed values", "the token allows kuma.io/service = , an inbound has 'backend'" },
        { "a star is no wildcard", "the token allows kuma.io/service = *, an inbound has 'backend'" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void ATokenIsHeldAgainstTheProxyAndItsDataplane(string what, string? contradiction)
    {
        var (claims, dataplane) = what switch
        {
            "as it is" => (Good, Views.Dataplane("backend-1")),
            "any name" => (Good with { Name = "" }, Views.Dataplane("backend-1")),
            "no type" => (Good with { Type = "" }, Views.Dataplane("backend-1")),
            "no tags" => (Good with { Tags = new Dictionary<string, IReadOnlyList<string>>() }, Views.Dataplane("backend-1", Views.Tags("web"))),
            "two inbounds, both allowed" => (Good, Views.Dataplane("backend-1", Views.Tags("backend"), Views.Tags("backend-admin"))),
            "a tag on one of two inbounds" => (Tagged("version", "2"), Views.Dataplane("backend-1", Views.Tags("backend"), TagSet.Of((TagSet.ServiceTag, "backend"), ("version", "2")))),
            "another mesh" => (Good with { Mesh = "other" }, Views.Dataplane("backend-1")),
            "another case of the mesh" => (Good with { Mesh = "Default" }, Views.Dataplane("backend-1")),
            "no mesh" => (Good with { Mesh = "" }, Views.Dataplane("backend-1")),
            "another name" => (Good with { Name = "backend-2" }, Views.Dataplane("backend-1")),
            "another type" => (Good with { Type = "ingress" }, Views.Dataplane("backend-1")),
            "another Dataplane" => (Good with { Name = "" }, Views.Dataplane("backend-2")),
            "a Dataplane of another mesh" => (Good, Views.Dataplane("backend-1") with { Mesh = "other" }),
            "another service" => (Good, Views.Dataplane("backend-1", Views.Tags("web"))),
            "two inbounds, one of another service" => (Good, Views.Dataplane("backend-1", Views.Tags("backend"), Views.Tags("web"))),
            "a tag that no inbound has" => (Tagged("version", "2"), Views.Dataplane("backend-1")),
            "a Dataplane without inbounds" => (Good, new Dataplane("default", "backend-1", new DataplaneNetworking("10.0.0.1", [], []))),
            "a tag without allowed values" => (Tagged(TagSet.ServiceTag), Views.Dataplane("backend-1")),
            "a star is no wildcard" => (Tagged(TagSet.ServiceTag, "*"), Views.Dataplane("backend-1")),
            _ => throw new ArgumentException(what, nameof(what)),
        };

        Assert.Equal(contradiction, claims.Contradiction(Proxy, dataplane));
    }

    private static DataplaneClaims Tagged(string tag, params string[] values)
        => Good with { Tags = new Dictionary<string, IReadOnlyList<string>> { [tag] = values } };
}
