using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Meshes;

/// <summary>From now on everyone is to trust this authority too. The first one signs at once; a later one is to sign when that is confirmed.</summary>
/// <param name="At">Since when.</param>
/// <param name="Deadline">When it signs at the latest; null: it signs at once, since no other does.</param>
[EventType("mesh.authority-trusted")]
public sealed record AuthorityTrusted(TrustedAuthority Authority, DateTimeOffset At, DateTimeOffset? Deadline = null) : MeshEvent;

/// <summary>New certificates come from this authority.</summary>
/// <param name="Reason"><c>confirmed</c>: every connected proxy trusts it; <c>timeLimit</c>: it took too long; <c>forced</c>: the operator said so.</param>
/// <param name="Unconfirmed">Connected proxies that had not said that they trust it.</param>
[EventType("mesh.signer-changed")]
public sealed record SignerChanged(string AuthorityId, string Reason, DateTimeOffset At, ValueList<string> Unconfirmed) : MeshEvent;

/// <summary>Nobody is to trust this authority any more.</summary>
/// <param name="Reason"><c>unused</c>: no certificate of it is in use; <c>forced</c>: the operator said so.</param>
/// <param name="InUse">Proxies whose certificates were of it all the same.</param>
[EventType("mesh.authority-withdrawn")]
public sealed record AuthorityWithdrawn(string AuthorityId, string Reason, ValueList<string> InUse) : MeshEvent;

/// <summary>The operator wants the authority back that signed before.</summary>
/// <param name="AuthorityId">The one that is to sign.</param>
/// <param name="HeldBack">The one that is not to, although its backend may be enabled.</param>
/// <param name="Deadline">When it signs at the latest; null: it signs now, and never ceased to.</param>
[EventType("mesh.rotation-reversed")]
public sealed record RotationReversed(string AuthorityId, string HeldBack, DateTimeOffset? Deadline = null) : MeshEvent;

/// <summary>The operator wants no further stage of a rotation to begin.</summary>
[EventType("mesh.rotation-paused")]
public sealed record RotationPaused : MeshEvent;

/// <summary>Rotations go on.</summary>
[EventType("mesh.rotation-resumed")]
public sealed record RotationResumed : MeshEvent;
