using System.Text.Json.Nodes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>Secrets as the API gives them to those who may read them: with their data, which only their grain can unseal.</summary>
internal sealed class SecretDocuments(IGrainFactory grains)
{
    /// <summary>Null when the secret went meanwhile.</summary>
    public async Task<JsonObject?> WriteAsync(IndexedResource resource)
    {
        var secret = (SecretResource)resource.Resource;
        return await grains.GetGrain<ISecretsGrain>(SecretsKeys.Of(secret.Mesh)).Read(secret.Name) is { } data
            ? ResourceDocument.Write(resource with { Resource = secret with { Data = data } })
            : null;
    }
}
