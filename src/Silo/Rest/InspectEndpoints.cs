using System.Text.Json.Nodes;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>What proxies do: overviews, one proxy's inspection, and which policies meet which inbounds.</summary>
internal sealed class InspectEndpoints(ResourceIndex index)
{
    private const string NotRetrieved = "Could not retrieve a resource";
    private const string NoMesh = "Failed to retrieve Mesh";

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var all in new[] { "/dataplanes/_overview", "/dataplanes+insights", "/meshes/{mesh}/dataplanes/_overview", "/meshes/{mesh}/dataplanes+insights" })
            routes.MapGet(all, context => Overviews(context).ExecuteAsync(context)).Needs(context => [Operation.List(ResourceTypes.Dataplane, context.RouteText("mesh"))]);
        foreach (var one in new[] { "/meshes/{mesh}/dataplanes/{name}/_overview", "/meshes/{mesh}/dataplanes+insights/{name}" })
            routes.MapGet(one, context => WithProxy(context, Overview).ExecuteAsync(context)).Needs(ToReadDataplane);
        routes.MapGet("/meshes/{mesh}/dataplanes/{name}/_inspect", context => WithProxy(context, ProxyInspection.Write).ExecuteAsync(context)).Needs(ToReadDataplaneAndPermissions);
        routes.MapGet("/meshes/{mesh}/dataplanes/{name}/policies", context => WithProxy(context, Policies).ExecuteAsync(context)).Needs(ToReadDataplaneAndPermissions);
        routes.MapGet(
            "/meshes/{mesh}/traffic-permissions/{name}/dataplanes",
            context => Attachments(context.RouteText("mesh")!, context.RouteText("name")!).ExecuteAsync(context)).Needs(ToReadPermissionAndDataplanes);
    }

    private static Operation[] ToReadDataplane(HttpContext context) => [Operation.With(Right.Read, ResourceTypes.Dataplane, context.RouteText("mesh"), context.RouteText("name")!)];

    private static Operation[] ToReadDataplaneAndPermissions(HttpContext context)
        => [.. ToReadDataplane(context), new Operation(Right.Read, ResourceTypes.TrafficPermission.Name, context.RouteText("mesh"))];

    private static Operation[] ToReadPermissionAndDataplanes(HttpContext context) =>
    [
        Operation.With(Right.Read, ResourceTypes.TrafficPermission, context.RouteText("mesh"), context.RouteText("name")!),
        new Operation(Right.Read, ResourceTypes.Dataplane.Name, context.RouteText("mesh")),
    ];

    private IResult Overviews(HttpContext context)
    {
        var state = index.Current;
        var mesh = context.RouteText("mesh");
        if (mesh is not null && state.FindMesh(mesh) is null)
            return ProblemAnswer.NotFound(NoMesh);
        var filter = ResourceFilter.Of(context.Request, out var problem);
        return problem ?? ListAnswer.Of(
            context.Request,
            filter.Apply(IndexedResource.All(state, ResourceTypes.Dataplane, mesh)).Where(r => Requester.Of(context).MayRead(r.Resource)),
            r => DataplaneOverview.Write(r, state.Meshes[r.Resource.Mesh!], state.Meshes[r.Resource.Mesh!].Proxies[r.Resource.Name]));
    }

    private JsonObject Overview(IndexedMesh mesh, Dataplane dataplane, IndexedProxy proxy)
        => DataplaneOverview.Write(new IndexedResource(dataplane, proxy.Times!), mesh, proxy);

    private IResult WithProxy(HttpContext context, Func<IndexedMesh, Dataplane, IndexedProxy, JsonObject> write)
        => index.Current.FindMesh(context.RouteText("mesh")!) is { } mesh
            && mesh.Proxies.TryGetValue(context.RouteText("name")!, out var proxy)
            && proxy.State.Dataplane is { } dataplane
                ? new JsonAnswer(write(mesh, dataplane, proxy))
                : ProblemAnswer.NotFound(NotRetrieved);

    private static JsonObject Policies(IndexedMesh mesh, Dataplane dataplane, IndexedProxy proxy)
    {
        var permissions = PermissionIndex.Of(mesh.State.Permissions);
        var items = new JsonArray();
        foreach (var inbound in dataplane.Networking.Inbound)
        {
            if (permissions.Govern(inbound.Tags) is not { } governing)
                continue;
            var attachment = Attachment(dataplane, inbound);
            var permission = new IndexedResource(permissions.Find(governing.Name)!.Permission, mesh.PermissionTimes[governing.Name]);
            attachment["matchedPolicies"] = new JsonObject { [ResourceTypes.TrafficPermission.Name] = new JsonArray(ResourceDocument.Write(permission)) };
            items.Add(attachment);
        }

        return new JsonObject { ["kind"] = "SidecarDataplane", ["total"] = items.Count, ["items"] = items };
    }

    private IResult Attachments(string meshName, string name)
    {
        if (index.Current.FindMesh(meshName) is not { } mesh || PermissionIndex.Of(mesh.State.Permissions) is not { } permissions
            || permissions.Find(name) is null)
        {
            return ProblemAnswer.NotFound(NotRetrieved);
        }

        var items = new JsonArray();
        foreach (var (dataplane, _) in mesh.Dataplanes)
        {
            var governed = dataplane.Networking.Inbound.Where(i => permissions.Govern(i.Tags)?.Name == name).ToArray();
            if (governed.Length == 0)
                continue;
            items.Add(new JsonObject
            {
                ["kind"] = "SidecarDataplane",
                ["dataplane"] = new JsonObject { ["mesh"] = dataplane.Mesh, ["name"] = dataplane.Name },
                ["attachments"] = ApiJson.Array(governed.Select(i => (JsonNode)Attachment(dataplane, i))),
            });
        }

        return new JsonAnswer(new JsonObject { ["total"] = items.Count, ["items"] = items });
    }

    // Named as Kuma names inbounds: where the proxy listens, then the workload's port.
    private static JsonObject Attachment(Dataplane dataplane, Inbound inbound) => new()
    {
        ["type"] = "inbound",
        ["name"] = $"{inbound.Address ?? dataplane.Networking.Address}:{inbound.Port}:{inbound.ServicePort ?? inbound.Port}",
        ["service"] = inbound.Service,
    };
}
