using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Policies;

/// <summary>A permission and its place in the order of creation.</summary>
/// <param name="Created">Greater is later. A permission that is changed keeps its place.</param>
public sealed record PlacedPermission(TrafficPermission Permission, long Created);
