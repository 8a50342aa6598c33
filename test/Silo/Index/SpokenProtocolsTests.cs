using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Views;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Tests.Index;

/// <summary>What a sweep tells a proxy that the services speak which it calls.</summary>
public sealed class SpokenProtocolsTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Each_service_that_it_calls_is_there_once_as_the_log_has_it()
    {
        Assert.Equal(201, (await server.PutAsync("/meshes/default/dataplanes/backend-1", Documents.Dataplane("default", "backend-1", "backend"))).Status);
        Assert.Equal(201, (await server.PutAsync("/meshes/default/dataplanes/web-1", Documents.Dataplane("default", "web-1", "web", 11000, calls: "backend"))).Status);
        Assert.Equal(201, (await server.PutAsync("/meshes/default/dataplanes/lost-1", Documents.Dataplane("default", "lost-1", "lost", 12000, calls: "nobody"))).Status);
        var spoken = new SpokenProtocols(((ResourceIndex)server.Server.Services.GetService(typeof(ResourceIndex))!).Current);

        Assert.Equal([new ServiceProtocol("backend", Protocol.Http)], spoken.Of(new ProxyId("default", "web-1")));
        Assert.Equal([new ServiceProtocol("nobody", Protocol.Tcp)], spoken.Of(new ProxyId("default", "lost-1")));
        Assert.Same(spoken.Of(new ProxyId("default", "web-1"))[0], spoken.Of(new ProxyId("default", "web-1"))[0]);
        Assert.Empty(spoken.Of(new ProxyId("default", "unheard-of")));
        Assert.Empty(spoken.Of(new ProxyId("unheard-of", "web-1")));
    }
}
