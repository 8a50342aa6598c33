using OrleansMesh.Domain.Authorities;

namespace OrleansMesh.Domain.Meshes;

/// <summary>The enabled backend's newest authority is this one: it is to sign. Changes nothing where it signs already, or is about to.</summary>
/// <param name="TimeLimit">How long to wait at most until every connected proxy trusts it.</param>
public sealed record TrustAuthority(TrustedAuthority Authority, DateTimeOffset Now, TimeSpan TimeLimit) : MeshCommand;

/// <summary>Begins the next stage of a rotation, if it is time.</summary>
/// <param name="NextCanSign">Whether the next authority's key can be had.</param>
/// <param name="Settling">How long an authority stays trusted after another one signs, at least.</param>
public sealed record AdvanceRotation(TrustFacts Facts, bool NextCanSign, DateTimeOffset Now, TimeSpan Settling) : MeshCommand;

/// <summary>Begins the next stage of a rotation now, whoever is not ready.</summary>
public sealed record ForceRotation(TrustFacts Facts, DateTimeOffset Now) : MeshCommand;

/// <summary>Goes back to the authority that signed before, stage by stage like forth.</summary>
public sealed record ReverseRotation(DateTimeOffset Now, TimeSpan TimeLimit) : MeshCommand;

public sealed record PauseRotation : MeshCommand;

public sealed record ResumeRotation : MeshCommand;
