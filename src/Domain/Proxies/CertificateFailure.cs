namespace OrleansMesh.Domain.Proxies;

/// <summary>An authority could not sign a proxy's certificate. The proxy keeps the one that it has, for as long as that is valid.</summary>
/// <param name="Backend">The authority's backend in the mesh.</param>
/// <param name="Reason">What was said the first time.</param>
public sealed record CertificateFailure(string Backend, string Reason);
