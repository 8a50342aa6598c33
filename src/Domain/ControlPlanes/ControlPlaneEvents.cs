using OrleansMesh.Domain.Events;

namespace OrleansMesh.Domain.ControlPlanes;

/// <summary>What happened to the control plane itself, which is all servers that share one log. Stream: <c>control-plane/{part}</c>.</summary>
public abstract record ControlPlaneEvent;

/// <summary>The authority was made that vouches for every server to its proxies. Stream: <c>control-plane/dp-server</c>, of which it is the first event.</summary>
/// <param name="CertificatePem">Its certificate.</param>
/// <param name="PrivateKey">PKCS #8, sealed.</param>
[EventType("control-plane.dp-server-authority-made")]
public sealed record DpServerAuthorityMade(string CertificatePem, SealedSecret PrivateKey) : ControlPlaneEvent;
