namespace OrleansMesh.Translation;

/// <summary>
/// An xDS resource as it travels: encoded once, immutable, and shared by every proxy that holds the same one.
/// </summary>
/// <param name="Name">The resource's name within its type.</param>
/// <param name="Version">Changes when, and only when, the content changes: a hash of the content, or, for a proxy's certificate, its serial.</param>
/// <param name="Body">A serialised <c>google.protobuf.Any</c> that holds the resource.</param>
public sealed record EncodedResource(string Name, string Version, ReadOnlyMemory<byte> Body);
