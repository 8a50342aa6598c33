using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tokens;

/// <summary>A public key that the operator gave: what it signs is good although no key of the control plane signed it.</summary>
/// <param name="Mesh">The mesh whose dataplane tokens it signs.</param>
public sealed record ConfiguredTokenKey(string Mesh, TokenVerificationKey Key);
