using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Policies;

/// <summary>A permission and its place in the order of creation.</summary>
/// <param name="Created">Greater for a permission that was created later.</param>
public sealed record PlacedPermission(TrafficPermission Permission, long Created);
