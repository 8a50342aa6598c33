using FsCheck.Xunit;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Tests.Reading;

public class ResourceWriterTests
{
    private static readonly ResourceMetadata Metadata = new(
        new DateTimeOffset(2026, 11, 22, 5, 17, 33, TimeSpan.Zero),
        new DateTimeOffset(2026, 11, 22, 6, 17, 40, 979, TimeSpan.FromHours(1)).AddTicks(417));

    [Theory]
    [InlineData("""{"type":"Mesh","name":"default","creationTime":"2026-11-22T05:17:33Z","modificationTime":"2026-11-22T05:17:40.9790417Z","kri":"kri_m____default_","mtls":{"enabledBackend":"ca-1","backends":[{"name":"ca-1","type":"builtin","dpCert":{"rotation":{"expiration":"10s"},"RSAbits":3072},"mode":"PERMISSIVE"}]}}""")]
    [InlineData("""{"type":"Mesh","name":"default","creationTime":"2026-11-22T05:17:33Z","modificationTime":"2026-11-22T05:17:40.9790417Z","kri":"kri_m____default_","mtls":{"enabledBackend":"ca-1","backends":[{"name":"ca-1","type":"builtin","dpCert":{"rotation":{"expiration":"1d"}},"conf":{"caCert":{"RSAbits":2048,"expiration":"10y"}}}]}}""")]
    [InlineData("""{"type":"Mesh","name":"m2","creationTime":"2026-11-22T05:17:33Z","modificationTime":"2026-11-22T05:17:40.9790417Z","kri":"kri_m____m2_"}""")]
    [InlineData("""{"type":"Mesh","name":"m2","creationTime":"2026-11-22T05:17:33Z","modificationTime":"2026-11-22T05:17:40.9790417Z","kri":"kri_m____m2_","skipCreatingInitialPolicies":["MeshRetry","*"]}""")]
    [InlineData("""{"type":"TrafficPermission","mesh":"default","name":"web-to-backend","creationTime":"2026-11-22T05:17:33Z","modificationTime":"2026-11-22T05:17:40.9790417Z","labels":{"kuma.io/mesh":"default"},"sources":[{"match":{"kuma.io/service":"web"}}],"destinations":[{"match":{"kuma.io/service":"backend"}}]}""")]
    [InlineData("""{"type":"Dataplane","mesh":"default","name":"web-1","creationTime":"2026-11-22T05:17:33Z","modificationTime":"2026-11-22T05:17:40.9790417Z","labels":{"kuma.io/env":"universal"},"kri":"kri_dp_default___web-1_","networking":{"address":"127.0.0.1","inbound":[{"port":10000,"servicePort":9000,"serviceAddress":"127.0.0.1","tags":{"kuma.io/protocol":"http","kuma.io/service":"web"}}],"outbound":[{"port":10001,"tags":{"kuma.io/service":"backend"}}],"admin":{"port":9901}}}""")]
    [InlineData("""{"type":"Dataplane","mesh":"m","name":"a","creationTime":"2026-11-22T05:17:33Z","modificationTime":"2026-11-22T05:17:40.9790417Z","kri":"kri_dp_m___a_","networking":{"address":"10.0.0.1","advertisedAddress":"10.0.0.2","inbound":[{"port":1,"servicePort":2,"serviceAddress":"127.0.0.1","address":"10.0.0.3","tags":{"kuma.io/service":"a"},"health":{"ready":false},"name":"main"}],"outbound":[{"address":"127.0.0.2","port":1,"tags":{"kuma.io/service":"b"}}]}}""")]
    public void Fields_have_Kumas_names_and_order(string json)
        => Assert.Equal(json, ResourceWriter.Write(Read.Valid(json), Metadata).ToJsonString());

    [Fact]
    public void Without_metadata_there_are_no_times()
        => Assert.Equal("""{"type":"Mesh","name":"m","kri":"kri_m____m_"}""", ResourceWriter.Write(new Mesh("m")).ToJsonString());

    [Property(Arbitrary = [typeof(ResourceGenerators)], MaxTest = 300)]
    public void What_is_written_is_read_back_the_same(IResource resource)
    {
        Assert.Equal(resource, Read.Valid(ResourceWriter.Write(resource, Metadata).ToJsonString()));
        Assert.Equal(resource, Read.Valid(ResourceWriter.Write(resource).ToJsonString()));
        Assert.Equal(resource, ResourceReader.Read(ResourceWriter.Write(resource)).Resource);
    }
}
