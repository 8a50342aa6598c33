using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Silo.Access;

/// <summary>Whoever makes a request, and what they may do as of its beginning.</summary>
internal sealed record Requester(User User, Authorization Rights)
{
    private static readonly Requester Nobody = new(User.Anonymous, Authorization.Of(User.Anonymous, AccessState.Empty));

    /// <summary>Who makes the request; somebody without any right before that was found out.</summary>
    public static Requester Of(HttpContext context) => context.Features.Get<Requester>() ?? Nobody;

    /// <summary>Whether they may see the resource.</summary>
    public bool MayRead(IResource resource) => Rights.MayRead(resource.Type, resource.Mesh, resource.Name);

    /// <summary>Whether they may see all resources of a type in a mesh.</summary>
    public bool MayReadAll(ResourceType type, string mesh) => Rights.Decide(new Operation(Right.Read, type.Name, mesh)).IsAllowed;
}
