using Microsoft.Extensions.Logging;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Endpoints;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>What every session of this silo shares.</summary>
internal sealed record SessionServices(
    IGrainFactory Grains,
    EndpointCatalog Endpoints,
    SnapshotTranslator Translator,
    GatewayMetrics Metrics,
    TimeProvider Time,
    ILogger<ProxySession> Logger);
