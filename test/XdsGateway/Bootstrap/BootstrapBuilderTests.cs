using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Translation.Tests;
using OrleansMesh.XdsGateway.Bootstrap;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Bootstrap;

public sealed class BootstrapBuilderTests
{
    private static readonly XdsGatewayOptions Options = new() { ServerAuthorityPem = TestAuthority.Pem };
    private static readonly BootstrapRequest Request = new()
    {
        Mesh = "default",
        Name = "backend-1",
        DataplaneToken = "the.token.here",
        DataplaneResource = Views.DataplaneText("backend-1"),
        Features = ["feature-tcp-accesslog-via-named-pipe"],
        Version = new AgentVersions { KumaDp = new JsonObject { ["version"] = "2.14.3" }, Envoy = new JsonObject { ["version"] = "1.40.0" } },
        DynamicMetadata = new JsonObject { ["zone"] = "a" },
        Workdir = "/tmp/kuma",
    };

    [Fact]
    public void TheNodeSaysWhoItIs()
    {
        var node = Build()["node"]!;

        Assert.Equal(("default.backend-1", "backend"), (Text(node["id"]), Text(node["cluster"])));
        var metadata = node["metadata"]!;
        Assert.Equal(Request.DataplaneResource, Text(metadata["dataplane.resource"]));
        Assert.Equal("dataplane", Text(metadata["dataplane.proxyType"]));
        Assert.Equal("2.14.3", Text(metadata["version"]!["kumaDp"]!["version"]));
        Assert.Equal("1.40.0", Text(metadata["version"]!["envoy"]!["version"]));
        Assert.Equal("feature-tcp-accesslog-via-named-pipe", Text(metadata["features"]![0]));
        Assert.Equal("a", Text(metadata["dynamicMetadata"]!["zone"]));
        Assert.Equal("/tmp/kuma", Text(metadata["workdir"]));
    }

    [Fact]
    public void WhatTheAgentDoesNotSayIsLeftOut()
    {
        var metadata = Build(new BootstrapRequest { Mesh = "default", Name = "backend-1" })["node"]!["metadata"]!.AsObject();

        Assert.Equal(["dataplane.proxyType", "features", "version"], metadata.Select(m => m.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AProxyWithoutInboundsIsNamedAfterItself()
    {
        var dataplane = new Dataplane("default", "gateway-1", new DataplaneNetworking("10.0.0.1", [], []));

        Assert.Equal("gateway-1", Text(JsonNode.Parse(BootstrapBuilder.Build(
            Request with { Name = "gateway-1" }, dataplane, [new("localhost", 5678)], TestAuthority.Pem, Options))!["node"]!["cluster"]));
    }

    [Theory]
    [InlineData(true, "DELTA_GRPC")]
    [InlineData(false, "GRPC")]
    public void TheStreamIsAuthenticatedAndOfTheConfiguredVariant(bool delta, string apiType)
    {
        var resources = Build(options: new XdsGatewayOptions { ServerAuthorityPem = TestAuthority.Pem, DeltaXds = delta })["dynamicResources"]!;
        var ads = resources["adsConfig"]!;

        Assert.Equal((apiType, "V3"), (Text(ads["apiType"]), Text(ads["transportApiVersion"])));
        var service = Assert.Single(ads["grpcServices"]!.AsArray())!;
        Assert.Equal("ads_cluster", Text(service["envoyGrpc"]!["clusterName"]));
        var header = Assert.Single(service["initialMetadata"]!.AsArray())!;
        Assert.Equal(("authorization", "the.token.here"), (Text(header["key"]), Text(header["value"])));
        Assert.All((string[])["cdsConfig", "ldsConfig"], config => Assert.Equal("0s", Text(resources[config]!["initialFetchTimeout"])));
    }

    [Theory]
    [InlineData("localhost", "STRICT_DNS", "ALL", "localhost", "DNS")]
    [InlineData("cp.mesh.example", "STRICT_DNS", "ALL", "cp.mesh.example", "DNS")]
    [InlineData("127.0.0.1", "STATIC", "ALL", null, "IP_ADDRESS")]
    [InlineData("fd00::1", "STATIC", "ALL", null, "IP_ADDRESS")]
    public void TheControlPlaneIsReachedByTlsAndHasToBeTheOneThatIsMeant(string host, string type, string lookup, string? sni, string san)
    {
        var bootstrap = Build(host: host);
        var cluster = Assert.Single(bootstrap["staticResources"]!["clusters"]!.AsArray())!;
        Assert.Equal(("ads_cluster", type, lookup), (Text(cluster["name"]), Text(cluster["type"]), Text(cluster["dnsLookupFamily"])));
        var address = cluster["loadAssignment"]!["endpoints"]![0]!["lbEndpoints"]![0]!["endpoint"]!["address"]!["socketAddress"]!;
        Assert.Equal((host, 5678), (Text(address["address"]), address["portValue"]!.GetValue<int>()));
        var tls = cluster["transportSocket"]!["typedConfig"]!;
        Assert.Equal(sni, Text(tls["sni"]));
        Assert.Equal("h2", Text(Assert.Single(tls["commonTlsContext"]!["alpnProtocols"]!.AsArray())));
        Assert.Equal("TLSv1_2", Text(tls["commonTlsContext"]!["tlsParams"]!["tlsMinimumProtocolVersion"]));

        var trust = Assert.Single(bootstrap["staticResources"]!["secrets"]!.AsArray())!;
        Assert.Equal(Text(trust["name"]), Text(tls["commonTlsContext"]!["validationContextSdsSecretConfig"]!["name"]));
        Assert.Equal(TestAuthority.Pem, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(Text(trust["validationContext"]!["trustedCa"]!["inlineBytes"])!)));
        var matcher = Assert.Single(trust["validationContext"]!["matchTypedSubjectAltNames"]!.AsArray())!;
        Assert.Equal((san, host), (Text(matcher["sanType"]), Text(matcher["matcher"]!["exact"])));
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2", "STATIC", null)]
    [InlineData("cp-1.example", "10.0.0.2", "STRICT_DNS", null)]
    [InlineData("cp.example", "cp.example", "STRICT_DNS", "cp.example")]
    public void SeveralServersAreEachTrustedAndOneThatDoesNotAnswerIsLeftOut(string first, string second, string type, string? sni)
    {
        var bootstrap = JsonNode.Parse(BootstrapBuilder.Build(Request, Views.Dataplane("backend-1"), [new(first, 5678), new(second, 5679)], TestAuthority.Pem, Options))!;
        var cluster = bootstrap["staticResources"]!["clusters"]![0]!;
        Assert.Equal(type, Text(cluster["type"]));
        Assert.Equal(sni, Text(cluster["transportSocket"]!["typedConfig"]!["sni"]));
        var addresses = cluster["loadAssignment"]!["endpoints"]![0]!["lbEndpoints"]!.AsArray().Select(e => e!["endpoint"]!["address"]!["socketAddress"]!);
        Assert.Equal([(first, 5678), (second, 5679)], addresses.Select(a => (Text(a["address"])!, a["portValue"]!.GetValue<int>())));
        Assert.Equal(1, cluster["outlierDetection"]!["consecutiveLocalOriginFailure"]!.GetValue<int>());
        Assert.Equal("5s", Text(cluster["connectTimeout"]));
        var names = bootstrap["staticResources"]!["secrets"]![0]!["validationContext"]!["matchTypedSubjectAltNames"]!.AsArray();
        Assert.Equal(new[] { first, second }.Distinct(), names.Select(n => Text(n!["matcher"]!["exact"])!));
    }

    [Theory]
    [InlineData("cp.example:5678", "cp.example", 5678)]
    [InlineData("https://cp.example:5678", "cp.example", 5678)]
    [InlineData("https://CP.example:5678/", "cp.example", 5678)]
    [InlineData("127.0.0.1:1", "127.0.0.1", 1)]
    [InlineData("[fd00::1]:5678", "fd00::1", 5678)]
    [InlineData("cp.example", null, 0)]
    [InlineData("http://cp.example:5678", null, 0)]
    [InlineData("https://cp.example:5678/x", null, 0)]
    [InlineData("https://user@cp.example:5678", null, 0)]
    [InlineData("cp.example:0", null, 0)]
    [InlineData("cp.example:70000", null, 0)]
    [InlineData("", null, 0)]
    public void AnAddressNamesAHostAndAPort(string text, string? host, int port)
        => Assert.Equal(host is null ? null : new ControlPlaneAddress(host, port), ControlPlaneAddress.TryParse(text, out var address) ? address : null);

    [Theory]
    [InlineData(null, 9901)]
    [InlineData(9902, 9902)]
    public void TheAdministrationInterfaceIsOnLoopback(int? asked, int port)
    {
        var dataplane = Views.Dataplane("backend-1");
        dataplane = dataplane with { Networking = dataplane.Networking with { Admin = asked is { } given ? new EnvoyAdmin(given) : null } };

        var address = JsonNode.Parse(BootstrapBuilder.Build(Request, dataplane, [new("localhost", 5678)], TestAuthority.Pem, Options))!["admin"]!["address"]!["socketAddress"]!;

        Assert.Equal(("127.0.0.1", port), (Text(address["address"]), address["portValue"]!.GetValue<int>()));
    }

    [SkippableTheory]
    [Trait("Category", "Slow")]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("fd00::1", false)]
    [InlineData("localhost,127.0.0.1", true)]
    [InlineData("10.0.0.1,10.0.0.2", true)]
    public async Task EnvoyTakesIt(string hosts, bool delta)
    {
        Skip.If(EnvoyBinary.Path is null && Environment.GetEnvironmentVariable("CI") is null, "there is no Envoy");
        var file = Path.Combine(Directory.CreateTempSubdirectory("orleansmesh-bootstrap-").FullName, "bootstrap.json");
        try
        {
            await File.WriteAllTextAsync(file, BootstrapBuilder.Build(
                Request,
                Views.Dataplane("backend-1"),
                hosts.Split(',').Select(host => new ControlPlaneAddress(host, 5678)).ToList(),
                TestAuthority.Pem,
                new XdsGatewayOptions { ServerAuthorityPem = "", DeltaXds = delta }));

            var (accepted, output) = await EnvoyBinary.ValidateAsync(file);

            Assert.True(accepted, output);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private static JsonNode Build(BootstrapRequest? request = null, string host = "localhost", XdsGatewayOptions? options = null)
        => JsonNode.Parse(BootstrapBuilder.Build(request ?? Request, Views.Dataplane("backend-1"), [new(host, 5678)], TestAuthority.Pem, options ?? Options))
            ?? throw new JsonException("no bootstrap");

    private static string? Text(JsonNode? node) => node?.GetValue<string>();
}
