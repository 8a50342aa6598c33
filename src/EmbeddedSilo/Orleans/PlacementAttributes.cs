namespace Orleans.Placement;

/// <summary>Says where in a cluster a grain comes up. Here there is one silo.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public abstract class PlacementAttribute : Attribute
{
    internal PlacementAttribute()
    {
    }
}

/// <summary>In the silo that calls it first.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class PreferLocalPlacementAttribute : PlacementAttribute;
