namespace OrleansMesh.EmbeddedSilo.Turns;

/// <summary>Which grain: its class and its primary key.</summary>
internal readonly record struct GrainKey(GrainClass Class, string Key)
{
    public override string ToString() => $"{Class.Name}/{Key}";
}
