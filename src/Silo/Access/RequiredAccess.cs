using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Silo.Rest;

namespace OrleansMesh.Silo.Access;

/// <summary>What a request to a route needs. A route that says nothing is refused to everybody.</summary>
/// <param name="All">Operations all of which have to be allowed.</param>
/// <param name="Written">The resource that is made or changed, if the route writes one: which of the two it is, the index says.</param>
internal sealed record RequiredAccess(Func<HttpContext, Operation[]> All, Func<HttpContext, ResourceAddress>? Written = null);

/// <summary>How routes say what they need.</summary>
internal static class RequiredAccessExtensions
{
    /// <summary>Every one of these.</summary>
    public static IEndpointConventionBuilder Needs(this IEndpointConventionBuilder route, params Operation[] operations)
        => route.WithMetadata(new RequiredAccess(_ => operations));

    /// <summary>Every one of these, which depend on the request's path.</summary>
    public static IEndpointConventionBuilder Needs(this IEndpointConventionBuilder route, Func<HttpContext, Operation[]> operations)
        => route.WithMetadata(new RequiredAccess(operations));

    /// <summary>This one, within the mesh that the path names.</summary>
    public static IEndpointConventionBuilder NeedsInMesh(this IEndpointConventionBuilder route, Right right)
        => route.Needs(context => [new Operation(right, Mesh: context.RouteText("mesh"))]);

    /// <summary>To make a resource, or to change it where it is there; and every one of these operations.</summary>
    public static IEndpointConventionBuilder NeedsToWrite(
        this IEndpointConventionBuilder route, Func<HttpContext, ResourceAddress> resource, Func<HttpContext, Operation[]> operations)
        => route.WithMetadata(new RequiredAccess(operations, resource));
}
