using System.Text.Json.Nodes;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Hosting;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>Reads and writes of resources: <c>/meshes/{mesh}/{plural}/{name}</c>, and <c>/meshes/{name}</c> for meshes.</summary>
internal sealed class ResourceEndpoints(ResourceIndex index, ResourceCommands commands, SecretDocuments secrets, DeletedMeshes deletedMeshes, IEventStore store)
{
    private const string NotRetrieved = "Could not retrieve a resource";
    private const string NotProcessed = "Could not process a resource";
    private const string NotDeleted = "Could not delete a resource";
    private const int MostNames = 5;
    private const string NoMesh = "Failed to retrieve Mesh";

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var type in ResourceTypes.All)
        {
            foreach (var all in ListPaths(type))
            {
                routes.MapGet(all, async context => await (await List(type, context.RouteText("mesh"), context)).ExecuteAsync(context))
                    .Needs(context => [Operation.List(type, context.RouteText("mesh"))]);
            }

            foreach (var one in ListPaths(type).Where(p => type.Scope is ResourceScope.Global || p.Contains("{mesh}", StringComparison.Ordinal)).Select(p => $"{p}/{{name}}"))
            {
                routes.MapGet(one, async context => await (await Get(Address(type, context))).ExecuteAsync(context)).Needs(context => [With(Right.Read, context)]);
                routes.MapPut(one, async context => await (await Put(Address(type, context), context)).ExecuteAsync(context))
                    .NeedsToWrite(context => Address(type, context), AlsoNeeded);
                routes.MapDelete(one, async context => await (await Delete(Address(type, context), context)).ExecuteAsync(context))
                    .Needs(context => [With(Right.Delete, context), .. AlsoNeeded(context)]);
            }

            // A secret by whose name signing keys come and go is more than a secret.
            Operation[] AlsoNeeded(HttpContext context)
                => TokenSecrets.IsOne(type, context.RouteText("mesh"), context.RouteText("name")!) ? [new Operation(Right.ManageTokens, Mesh: context.RouteText("mesh"))] : [];

            Operation With(Right right, HttpContext context) => Operation.With(right, type, context.RouteText("mesh"), context.RouteText("name")!);
        }
    }

    // Kuma's own list of types spells the path of global secrets in one word, its documentation with a hyphen.
    private static string[] ListPaths(ResourceType type)
        => type == ResourceTypes.GlobalSecret ? [$"/{type.Plural}", "/globalsecrets"]
            : type.Scope is ResourceScope.Global ? [$"/{type.Plural}"]
            : [$"/meshes/{{mesh}}/{type.Plural}", $"/{type.Plural}"];

    private async Task<IResult> List(ResourceType type, string? mesh, HttpContext context)
    {
        var request = context.Request;
        var state = index.Current;
        if (mesh is not null && state.FindMesh(mesh) is null)
            return ProblemAnswer.NotFound(NoMesh);
        var filter = ResourceFilter.Of(request, out var problem);
        if (problem is not null)
            return problem;
        var requester = Requester.Of(context);
        var found = filter.Apply(IndexedResource.All(state, type, mesh)).Where(r => requester.MayRead(r.Resource));
        if (!type.IsSecret)
            return ListAnswer.Of(request, found, ResourceDocument.Write);
        var told = new List<JsonObject>();
        foreach (var secret in found)
        {
            if (await secrets.WriteAsync(secret) is { } document)
                told.Add(document);
        }

        return ListAnswer.Of(request, told, document => document);
    }

    private static ResourceAddress Address(ResourceType type, HttpContext context)
        => new(type, context.RouteText("mesh"), context.RouteText("name")!);

    private async Task<IResult> Get(ResourceAddress address)
        => IndexedResource.Find(index.Current, address.Type, address.Mesh, address.Name) is { } found
            && (address.Type.IsSecret ? await secrets.WriteAsync(found) : ResourceDocument.Write(found)) is { } document
            ? new JsonAnswer(document)
            : ProblemAnswer.NotFound(NotRetrieved);

    private async Task<IResult> Put(ResourceAddress address, HttpContext context)
    {
        var (text, format, refusal) = await RequestBody.ReadAsync(context.Request);
        if (refusal is not null)
            return refusal;
        var read = ResourceReader.ReadOne(text, format, address);
        if (read.Resource is not { } resource)
            return Unreadable(read.Problems, address.Type);
        if (address.Mesh is { } mesh && index.Current.FindMesh(mesh) is null)
            return ProblemAnswer.NotFound(NoMesh);

        // A mesh that is made anew must find nothing of the one of that name before it.
        if (resource is Mesh)
            await deletedMeshes.CleanUp(address.Name, context.Caller());
        var before = index.Current;
        var result = await commands.Apply(resource, context.Caller());
        if (await Refused(result, NotProcessed, context) is { } refused)
            return refused;
        var body = new JsonObject();
        var warnings = resource is Mesh applied && PermissiveMode.Warning(applied) is { } permissive ? [permissive] : Takeovers(before, index.Current, resource);
        if (warnings.Count > 0)
            body["warnings"] = ApiJson.Array(warnings);
        return new JsonAnswer(body, result.Outcome is Outcome.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private async Task<IResult> Delete(ResourceAddress address, HttpContext context)
    {
        if (address.Type == ResourceTypes.Mesh && await DataplanesIn(address.Name, context.RequestAborted) is { Count: > 0 } dataplanes)
        {
            var some = string.Join(", ", dataplanes.Take(MostNames)) + (dataplanes.Count > MostNames ? ", …" : "");
            return ProblemAnswer.Invalid(
                NotDeleted, [new("mesh", $"unable to delete mesh, there are still some dataplanes attached: {dataplanes.Count} ({some})")]);
        }

        // A name that was never given to anything must not wake a grain.
        if (!Exists(address))
            return ProblemAnswer.NotFound(NotDeleted);
        var result = await commands.Delete(address.Type, address.Mesh, address.Name, context.Caller());
        if (await Refused(result, NotDeleted, context) is { } refused)
            return refused;
        if (address.Type == ResourceTypes.Mesh)
            await deletedMeshes.CleanUp(address.Name, context.Caller());
        return new JsonAnswer(new JsonObject());
    }

    /// <summary>The names of the Dataplanes that the mesh has by the log as it is now, whoever wrote it.</summary>
    private async Task<IReadOnlyList<string>> DataplanesIn(string mesh, CancellationToken cancellationToken)
    {
        await index.WaitForAsync(await store.HeadAsync(cancellationToken), cancellationToken);
        return index.Current.FindMesh(mesh)?.Dataplanes.Select(d => d.Dataplane.Name).ToArray() ?? [];
    }

    private bool Exists(ResourceAddress address)
        => TokenSecrets.IsOne(address.Type, address.Mesh, address.Name)
            ? address.Mesh is null || index.Current.FindMesh(address.Mesh) is not null
            : IndexedResource.Find(index.Current, address.Type, address.Mesh, address.Name) is not null;

    // Waits until this server's reads include what was done; or says why nothing was.
    private async Task<ProblemAnswer?> Refused(CommandResult result, string title, HttpContext context)
    {
        switch (result.Outcome)
        {
            case Outcome.NotFound:
                return ProblemAnswer.NotFound(title);
            case Outcome.MeshNotFound:
                return ProblemAnswer.NotFound(NoMesh);
            case Outcome.Refused:
                return ProblemAnswer.Invalid(title, result.Problems);
            default:
                // What is as it should be already may be so by a change that this server's reads do not include yet.
                var position = result.Position > 0 ? result.Position : await store.HeadAsync(context.RequestAborted);
                await index.WaitForAsync(position, context.RequestAborted);
                LogPosition.Put(context, position);
                return null;
        }
    }

    // A document that is none, such as broken JSON, has no field to name.
    private static ProblemAnswer Unreadable(ValueList<FieldProblem> problems, ResourceType type)
        => problems is [{ Field: "", Message: var message }]
            ? new(StatusCodes.Status400BadRequest, "Bad Request", $"invalid {type.Name} object: \"{message}\"")
            : ProblemAnswer.Invalid(NotProcessed, problems);

    private static ValueList<string> Takeovers(IndexState before, IndexState after, IResource applied)
    {
        if (applied is not TrafficPermission permission)
            return [];
        var inbounds = after.FindMesh(permission.Mesh)?.Dataplanes
            .SelectMany(d => d.Dataplane.Networking.Inbound.Select(i => new PlacedInbound(d.Dataplane.Name, i.Port, i.Tags))) ?? [];
        return PermissionTakeover.Warnings(
            PermissionTakeover.Find(Permissions(before), Permissions(after), inbounds).Where(t => t.Name == permission.Name).ToValueList());

        PermissionIndex Permissions(IndexState state) => PermissionIndex.Of(state.FindMesh(permission.Mesh)?.State.Permissions ?? []);
    }
}
