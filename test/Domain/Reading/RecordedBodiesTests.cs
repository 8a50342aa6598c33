using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Tests.Reading;

/// <summary>Bodies that kumactl 2.14.3, kuma-dp 2.14.3 and people sent to a Kuma 2.14.3, and what it found wrong with them.</summary>
public class RecordedBodiesTests
{
    [Theory]
    [InlineData("""{"type": "Mesh", "name": "m2"}""")]
    [InlineData("""{"type": "Mesh", "name": "default", "creationTime": "0001-01-01T00:00:00Z", "modificationTime": "0001-01-01T00:00:00Z", "kri": "kri_m____default_", "mtls": {"enabledBackend": "ca-1", "backends": [{"name": "ca-1", "type": "builtin", "dpCert": {"rotation": {"expiration": "1d"}}, "conf": {"caCert": {"RSAbits": 2048, "expiration": "10y"}}}]}}""")]
    [InlineData("""{"type": "TrafficPermission", "mesh": "default", "name": "web-to-backend", "creationTime": "0001-01-01T00:00:00Z", "modificationTime": "0001-01-01T00:00:00Z", "sources": [{"match": {"kuma.io/service": "web"}}], "destinations": [{"match": {"kuma.io/service": "backend"}}]}""")]
    [InlineData("""{"type":"Dataplane","mesh":"default","name":"web-1","creationTime":"0001-01-01T00:00:00Z","modificationTime":"0001-01-01T00:00:00Z","kri":"kri_dp_default___web-1_","networking":{"address":"127.0.0.1","inbound":[{"port":10000,"servicePort":9000,"serviceAddress":"127.0.0.1","tags":{"kuma.io/protocol":"http","kuma.io/service":"web"}}],"outbound":[{"port":10001,"tags":{"kuma.io/service":"backend"}}],"admin":{"port":9901}}}""")]
    // what Kuma answered, sent back
    [InlineData("""{"type": "Dataplane", "mesh": "default", "name": "web-1", "creationTime": "2026-11-22T05:17:41.858443098Z", "modificationTime": "2026-11-22T05:17:41.858443098Z", "labels": {"kuma.io/env": "universal", "kuma.io/mesh": "default", "kuma.io/origin": "zone", "kuma.io/proxy-type": "sidecar", "kuma.io/zone": "default"}, "kri": "kri_dp_default_default__web-1_", "networking": {"address": "127.0.0.1", "inbound": [{"port": 10000, "servicePort": 9000, "serviceAddress": "127.0.0.1", "tags": {"kuma.io/protocol": "http", "kuma.io/service": "web", "kuma.io/zone": "default"}}], "outbound": [{"port": 10001, "tags": {"kuma.io/service": "backend"}}], "admin": {"port": 9901}}}""")]
    public void What_Kuma_accepted_is_accepted(string body)
    {
        var result = Assert.Single(ResourceReader.Read(body, DocumentFormat.Json));
        Assert.Empty(result.Problems);
        Assert.NotNull(result.Resource);
    }

    [Theory]
    [InlineData(
        """{"type": "TrafficPermission", "name": "bad", "mesh": "default", "sources": [], "destinations": [{"match": {"version": "v1"}}]}""",
        "bad",
        "sources: must have at least one element")]
    [InlineData(
        """{"type": "Mesh", "name": "m3", "mtls": {"enabledBackend": "x", "backends": [{"name": "ca-1", "type": "builtin"}]}}""",
        "m3",
        "mtls.enabledBackend: has to be set to one of the backends in the mesh")]
    [InlineData(
        """{"type": "Dataplane", "name": "y", "mesh": "default", "networking": {"address": "127.0.0.1", "inbound": [{"port": 80, "tags": {"kuma.io/service": "a"}}]}}""",
        "x",
        "name: name from the URL has to be the same as in body")]
    [InlineData( // Kuma takes an inbound without tags; here it has no service, hence no identity
        """{"type": "Dataplane", "name": "x", "mesh": "default", "networking": {"address": "", "inbound": [{"port": 70000, "tags": {}}]}}""",
        "x",
        "networking.address: address can't be empty",
        "networking.inbound[0].port: port must be in the range [1, 65535]",
        "networking.inbound[0].tags[\"kuma.io/service\"]: tag has to exist")]
    public void What_Kuma_refused_is_refused_in_the_same_words(string body, string name, params string[] problems)
    {
        var type = Assert.Single(ResourceReader.Read(body)).Type!;
        var expected = new ResourceAddress(type, type == ResourceTypes.Mesh ? null : "default", name);
        Assert.Equal(problems, ResourceReader.ReadOne(body, DocumentFormat.Json, expected).Problems.Select(p => p.ToString()));
    }
}
