namespace OrleansMesh.Domain.Reading;

/// <summary>What the control plane knows about a stored resource.</summary>
public sealed record ResourceMetadata(DateTimeOffset CreationTime, DateTimeOffset ModificationTime);
