using System.Text.Json.Nodes;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Authorities;
using OrleansMesh.Silo.Hosting;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>Counts of what there is and how much of it works, as Kuma's insights.</summary>
internal sealed class InsightEndpoints(ResourceIndex index, AuthorityHealthBoard board, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/mesh-insights", context => ListAnswer.Of(
            context.Request, index.Current.PresentMeshes.Where(m => Requester.Of(context).MayRead(m.State.Mesh!)), MeshInsight).ExecuteAsync(context))
            .Needs(Operation.List(ResourceTypes.Mesh));
        routes.MapGet("/mesh-insights/{name}", context => OneMesh(context.RouteText("name")!).ExecuteAsync(context))
            .Needs(context => [Operation.With(Right.Read, ResourceTypes.Mesh, null, context.RouteText("name")!)]);
        routes.MapGet("/service-insights", context => ListAnswer.Of(
            context.Request,
            index.Current.PresentMeshes.Where(m => Requester.Of(context).MayReadAll(ResourceTypes.Dataplane, m.State.Mesh!.Name)).SelectMany(ServiceSummary.All),
            s => s.Write()).ExecuteAsync(context)).Needs(Operation.List(ResourceTypes.Dataplane));
        routes.MapGet("/meshes/{mesh}/service-insights", context => Services(context).ExecuteAsync(context)).Needs(ToReadDataplanes);
        routes.MapGet("/meshes/{mesh}/service-insights/{name}", context => OneService(context).ExecuteAsync(context)).Needs(ToReadDataplanes);
        routes.MapGet("/global-insight", context => new JsonAnswer(GlobalInsight(index.Current)).ExecuteAsync(context))
            .Needs(new Operation(Right.Read, ResourceTypes.Mesh.Name));
    }

    private static Operation[] ToReadDataplanes(HttpContext context) => [new Operation(Right.Read, ResourceTypes.Dataplane.Name, context.RouteText("mesh"))];

    private IResult OneMesh(string name)
        => index.Current.FindMesh(name) is { } mesh ? new JsonAnswer(MeshInsight(mesh)) : ProblemAnswer.NotFound("Could not retrieve a resource");

    private IResult Services(HttpContext context)
        => index.Current.FindMesh(context.RouteText("mesh")!) is { } mesh
            ? ListAnswer.Of(context.Request, ServiceSummary.All(mesh), s => s.Write())
            : ProblemAnswer.NotFound("Failed to retrieve Mesh");

    private IResult OneService(HttpContext context)
        => index.Current.FindMesh(context.RouteText("mesh")!) is { } mesh
            && ServiceSummary.All(mesh).FirstOrDefault(s => s.Name == context.RouteText("name")) is { } service
                ? new JsonAnswer(service.Write())
                : ProblemAnswer.NotFound("Could not retrieve a resource");

    private JsonObject MeshInsight(IndexedMesh mesh)
    {
        var proxies = mesh.Dataplanes.Select(d => d.Proxy).ToArray();
        var services = ServiceSummary.All(mesh).Count();
        var policies = new JsonObject();
        foreach (var type in (ReadOnlySpan<ResourceType>)[ResourceTypes.ProxyQuarantine, ResourceTypes.TrafficPermission])
        {
            if (CountOf(mesh, type) is > 0 and var count)
                policies[type.Name] = Total(count);
        }

        return new JsonObject
        {
            ["type"] = "MeshInsight",
            ["name"] = mesh.State.Mesh!.Name,
            ["creationTime"] = ApiJson.Time(mesh.Times!.Created),
            ["modificationTime"] = ApiJson.Time(mesh.Times.Modified),
            ["dataplanes"] = Statuses(proxies),
            ["dataplanesByType"] = new JsonObject
            {
                ["standard"] = Statuses(proxies),
                ["gateway"] = new JsonObject(),
                ["gatewayBuiltin"] = new JsonObject(),
                ["gatewayDelegated"] = new JsonObject(),
            },
            ["policies"] = policies,
            ["resources"] = Resources([mesh]),
            ["dpVersions"] = new JsonObject
            {
                ["kumaDp"] = Versions(proxies, p => p.Subscription?.Agent.AgentVersion),
                ["envoy"] = Versions(proxies, p => p.Subscription?.Agent.EnvoyVersion),
            },
            ["mTLS"] = MutualTls(mesh, proxies),
            ["services"] = services == 0 ? [] : new JsonObject { ["total"] = services, ["internal"] = services },
        };
    }

    private JsonObject GlobalInsight(IndexState state)
    {
        var meshes = state.PresentMeshes.ToArray();
        var proxies = meshes.SelectMany(m => m.Dataplanes).Select(d => d.Proxy).ToArray();
        var services = meshes.SelectMany(ServiceSummary.All).ToArray();
        var policies = meshes.Sum(m => CountOf(m, ResourceTypes.TrafficPermission) + CountOf(m, ResourceTypes.ProxyQuarantine));
        return new JsonObject
        {
            ["createdAt"] = ApiJson.Time(time.GetUtcNow()),
            ["meshes"] = Total(meshes.Length),
            ["dataplanes"] = new JsonObject
            {
                ["standard"] = Full(proxies.Length, proxies.Count(p => p.IsOnline), 0),
                ["gatewayBuiltin"] = Full(0, 0, 0),
                ["gatewayDelegated"] = Full(0, 0, 0),
            },
            ["services"] = new JsonObject
            {
                ["internal"] = Full(services.Length, services.Count(s => s.Status == "online"), services.Count(s => s.Status == "partially_degraded")),
                ["external"] = Total(0),
                ["gatewayBuiltin"] = Full(0, 0, 0),
                ["gatewayDelegated"] = Full(0, 0, 0),
            },
            ["policies"] = Total(policies),
            ["resources"] = Resources(meshes),
            ["zones"] = new JsonObject
            {
                ["controlPlanes"] = new JsonObject { ["online"] = 0, ["total"] = 0 },
                ["zoneEgresses"] = new JsonObject { ["online"] = 0, ["total"] = 0 },
                ["zoneIngresses"] = new JsonObject { ["online"] = 0, ["total"] = 0 },
            },
        };
    }

    private static JsonObject Total(int count) => new() { ["total"] = count };

    private static JsonObject Full(int total, int online, int degraded) => new()
    {
        ["total"] = total,
        ["online"] = online,
        ["partiallyDegraded"] = degraded,
        ["offline"] = total - online - degraded,
    };

    private static int CountOf(IndexedMesh mesh, ResourceType type)
        => type == ResourceTypes.TrafficPermission ? mesh.State.Permissions.Count
            : type == ResourceTypes.ProxyQuarantine ? mesh.State.Quarantines.Count
            : mesh.Dataplanes.Count();

    private static JsonObject Resources(IReadOnlyCollection<IndexedMesh> meshes)
    {
        var resources = new JsonObject();
        foreach (var type in (ReadOnlySpan<ResourceType>)[ResourceTypes.Dataplane, ResourceTypes.ProxyQuarantine, ResourceTypes.TrafficPermission])
        {
            if (meshes.Sum(mesh => CountOf(mesh, type)) is > 0 and var count)
                resources[type.Name] = Total(count);
        }

        return resources;
    }

    // What is zero is left out, as Kuma does.
    private static JsonObject Statuses(IndexedProxy[] proxies)
    {
        var online = proxies.Count(p => p.IsOnline);
        var json = new JsonObject();
        if (proxies.Length > 0)
            json["total"] = proxies.Length;
        if (online > 0)
            json["online"] = online;
        if (proxies.Length > online)
            json["offline"] = proxies.Length - online;
        return json;
    }

    private static JsonObject Versions(IEnumerable<IndexedProxy> proxies, Func<IndexedProxy, string?> version)
        => new(proxies.GroupBy(p => version(p) is { Length: > 0 } known ? known : "unknown").OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => KeyValuePair.Create(g.Key, (JsonNode?)Statuses([.. g]))));

    // The authorities are ours beside Kuma's fields: that one cannot sign should be seen long before the certificates end.
    private JsonObject MutualTls(IndexedMesh mesh, IndexedProxy[] proxies)
    {
        var json = Authorities(proxies);
        if (AuthorityStatus.Health(mesh, board) is { Count: > 0 } authorities)
            json["authorities"] = authorities;
        if (PermissiveMode.Warning(mesh.State.Mesh!) is { } warning)
            json["permissive"] = warning;
        return json;
    }

    private static JsonObject Authorities(IndexedProxy[] proxies)
    {
        var json = new JsonObject();
        var issued = proxies.Where(p => p.State.Certificate is not null).GroupBy(p => p.State.Certificate!.Backend).ToArray();
        if (issued.Length > 0)
        {
            json["issuedBackends"] = new JsonObject(issued.OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => KeyValuePair.Create(g.Key, (JsonNode?)Statuses([.. g]))));
        }

        if (CertificateFailureDocument.ByBackend(proxies) is { Count: > 0 } failures)
            json["issuanceFailures"] = failures;
        return json;
    }
}
