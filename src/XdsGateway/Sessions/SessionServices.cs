using Microsoft.Extensions.Logging;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Endpoints;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>What every session of this silo shares.</summary>
internal sealed record SessionServices(
    IGrainFactory Grains,
    EndpointCatalog Endpoints,
    TokenSessions Tokens,
    SnapshotTranslator Translator,
    Admissions Admissions,
    GatewayMetrics Metrics,
    TimeProvider Time,
    ILogger<ProxySession> Logger);
