using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tokens;

/// <summary>What is remembered of a good token while the stream that it opened lasts. The token itself is not.</summary>
/// <param name="Key">What signed it.</param>
/// <param name="TokenId">Its <c>jti</c>; empty where it has none.</param>
/// <param name="Rules">Those by which it was found good.</param>
public sealed record TokenIdentity(TokenVerificationKey Key, string TokenId, TokenRules Rules);
