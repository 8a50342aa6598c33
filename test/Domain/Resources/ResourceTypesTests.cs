using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Tests.Resources;

public class ResourceTypesTests
{
    [Fact]
    public void Each_type_is_found_by_its_name_and_by_its_plural()
    {
        Assert.All(ResourceTypes.All, type => Assert.Same(type, ResourceTypes.Find(type.Name)));
        Assert.All(ResourceTypes.All, type => Assert.Same(type, ResourceTypes.FindByPlural(type.Plural)));
        Assert.Null(ResourceTypes.Find("mesh"));
        Assert.Null(ResourceTypes.FindByPlural("Mesh"));
    }

    [Fact]
    public void Identifiers_are_those_of_Kumas_clients()
    {
        var dataplane = new Dataplane("default", "web-1", new DataplaneNetworking("10.0.0.1", [], []));
        Assert.Equal("kri_m____default_", ResourceTypes.Mesh.IdentifierOf(new Mesh("default")));
        Assert.Equal("kri_dp_default___web-1_", ResourceTypes.Dataplane.IdentifierOf(dataplane));
        Assert.Null(ResourceTypes.TrafficPermission.IdentifierOf(new TrafficPermission("default", "p", [], [])));
    }
}
