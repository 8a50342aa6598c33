namespace OrleansMesh.Silo.Index;

/// <summary>When a resource was made and when it was last changed, UTC.</summary>
public sealed record ResourceTimes(DateTimeOffset Created, DateTimeOffset Modified);
