using OrleansMesh.Domain.Views;
using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Endpoints;

/// <summary>Has endpoints handed to it. It must not block.</summary>
public interface IEndpointWatcher
{
    void EndpointsAre(EndpointSelection selection, EncodedResource endpoints);
}
