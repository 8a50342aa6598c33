namespace Orleans.Placement;

/// <summary>In a cluster, the grain comes up in the silo that calls it first. Here there is one silo.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PreferLocalPlacementAttribute : Attribute;
