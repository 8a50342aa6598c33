namespace OrleansMesh.Domain.Authorities;

/// <summary>An authority as those see it who trust it.</summary>
/// <param name="Id">Names its key: the hexadecimal subject key identifier. See <see cref="AuthorityIdentity"/>.</param>
/// <param name="Backend">Its backend in the mesh.</param>
/// <param name="RootPem">The self-signed certificate at which the path of every certificate that it signs ends.</param>
/// <param name="NotBefore">When the certificate that signs begins to be valid.</param>
/// <param name="NotAfter">When it ends; no certificate that it signs is valid longer.</param>
public sealed record TrustedAuthority(string Id, string Backend, string RootPem, DateTimeOffset NotBefore, DateTimeOffset NotAfter);
