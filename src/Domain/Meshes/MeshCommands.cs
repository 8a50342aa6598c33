using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;

namespace OrleansMesh.Domain.Meshes;

/// <summary>What can be asked of a mesh.</summary>
public abstract record MeshCommand;

/// <summary>Makes the mesh or changes it.</summary>
public sealed record ApplyMesh(Mesh Mesh) : MeshCommand;

/// <summary>Deletes the mesh with its policies and token keys.</summary>
/// <param name="ConnectedProxies">How many proxies are in it now; none may be.</param>
public sealed record DeleteMesh(int ConnectedProxies) : MeshCommand;

/// <summary>Makes a permission or changes it.</summary>
public sealed record ApplyTrafficPermission(TrafficPermission Permission) : MeshCommand;

public sealed record DeleteTrafficPermission(string Name) : MeshCommand;

/// <summary>Does something with the keys or revocations of dataplane tokens.</summary>
public sealed record ChangeDataplaneTokens(KeyringCommand Command) : MeshCommand;
