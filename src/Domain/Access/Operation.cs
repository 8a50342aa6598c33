using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Access;

/// <summary>What somebody is about to do.</summary>
/// <param name="Type">The type of the resource that it is done with; null: none.</param>
/// <param name="Mesh">The mesh that it is done in; null: in no mesh, or in all of them.</param>
/// <param name="Name">Of the resource, or of the proxy that a token is for; null: any.</param>
public sealed record Operation(Right Right, string? Type = null, string? Mesh = null, string? Name = null)
{
    /// <summary>Whether it is enough to be allowed a part of it: of a list one is told what one may see.</summary>
    public bool InPart { get; init; }

    /// <summary>For everybody.</summary>
    public static readonly Operation Open = new(Right.None);

    /// <summary>For everybody who is authenticated.</summary>
    public static readonly Operation OfAnyUser = new(Right.Authenticated);

    /// <summary>What concerns the server as a whole.</summary>
    public static readonly Operation Administration = new(Right.Administer);

    /// <summary>Something with one resource. A mesh itself is within the mesh of its name.</summary>
    /// <param name="mesh">Null for what is in no mesh.</param>
    public static Operation With(Right right, ResourceType type, string? mesh, string name)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new Operation(right, type.Name, type == ResourceTypes.Mesh ? name : mesh, name);
    }

    /// <summary>A list, of which one is told what one may see.</summary>
    /// <param name="mesh">Null: of all meshes.</param>
    public static Operation List(ResourceType type, string? mesh = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new Operation(Right.Read, type.Name, mesh) { InPart = true };
    }

    /// <summary>As a refusal names it: <c>UPDATE on TrafficPermission 'a' in mesh 'default'</c>.</summary>
    public override string ToString()
    {
        if (Right is Right.None or Right.Authenticated)
            return "authentication";
        var name = Name is null ? "" : Type is null ? $" for '{Name}'" : $" '{Name}'";
        var mesh = Mesh is null || Type == ResourceTypes.Mesh.Name ? "" : $" in mesh '{Mesh}'";
        return $"{Right.NameOf()}{(Type is null ? "" : $" on {Type}")}{name}{mesh}";
    }
}
