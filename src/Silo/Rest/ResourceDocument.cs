using System.Text.Json.Nodes;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>Resources as the API gives them.</summary>
internal static class ResourceDocument
{
    public static JsonObject Write(IndexedResource resource)
        => ResourceWriter.Write(resource.Resource, new ResourceMetadata(resource.Times.Created, resource.Times.Modified));
}
