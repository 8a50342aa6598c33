using System.Text.Json.Serialization;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Resources;

/// <summary>A mesh: the proxies in it share an authority, tokens and policies, and meet no others.</summary>
/// <param name="Mtls">Without it, or without an enabled backend, traffic is plain.</param>
public sealed record Mesh(string Name, MeshMtls? Mtls = null) : IResource
{
    /// <summary>Labels as the client gave them.</summary>
    public TagSet Labels { get; init; } = TagSet.Empty;

    /// <summary>The policies that Kuma is not to make along with the mesh, <c>*</c> for all of them. None ever are here, so it is only kept.</summary>
    public ValueList<string> SkipCreatingInitialPolicies { get; init; } = [];

    ResourceType IResource.Type => ResourceTypes.Mesh;

    string? IResource.Mesh => null;

    /// <summary>The authority that signs workload certificates; null when the mesh has no mutual TLS.</summary>
    [JsonIgnore]
    public CertificateAuthorityBackend? EnabledBackend
        => Mtls is { EnabledBackend: { Length: > 0 } enabled } ? Mtls.Backends.FirstOrDefault(b => b.Name == enabled) : null;
}

/// <summary>Mutual TLS of a mesh.</summary>
/// <param name="EnabledBackend">The name of the backend that signs; null: mutual TLS is off.</param>
public sealed record MeshMtls(string? EnabledBackend, ValueList<CertificateAuthorityBackend> Backends);

/// <summary>What the proxies of a mesh with mutual TLS accept.</summary>
public enum MtlsMode
{
    /// <summary>Mutual TLS and nothing else.</summary>
    Strict,

    /// <summary>Whatever comes: mutual TLS, under the permissions; and everything else without identity and without permissions, for as long as workloads
    /// are brought into the mesh one by one.</summary>
    Permissive,
}

/// <summary>A certificate authority that a mesh may use.</summary>
/// <param name="Type"><see cref="Builtin"/> or <see cref="Provided"/>.</param>
/// <param name="Conf">Of a builtin authority.</param>
/// <param name="ProvidedConf">Of a provided authority; null for others.</param>
public sealed record CertificateAuthorityBackend(
    string Name, string Type, WorkloadCertificates? DpCert = null, BuiltinAuthorityConf? Conf = null, ProvidedAuthorityConf? ProvidedConf = null)
{
    /// <summary>What proxies accept while this backend is enabled.</summary>
    public MtlsMode Mode { get; init; }

    /// <summary>The type of an authority that the control plane makes and keeps itself.</summary>
    public const string Builtin = "builtin";

    /// <summary>The type of an authority that the operator supplies, certificate and key.</summary>
    public const string Provided = "provided";

    /// <summary>How long a workload certificate lives where the mesh does not say.</summary>
    public static readonly TimeSpan DefaultCertificateLifetime = TimeSpan.FromDays(1);

    /// <summary>How long an authority lives where the mesh does not say.</summary>
    public static readonly TimeSpan DefaultAuthorityLifetime = TimeSpan.FromDays(3650);

    /// <summary>How long a workload certificate lives, unless the authority ends before.</summary>
    [JsonIgnore]
    public TimeSpan CertificateLifetime => DpCert?.Rotation?.Expiration?.Value ?? DefaultCertificateLifetime;

    /// <summary>How long the authority lives.</summary>
    [JsonIgnore]
    public TimeSpan AuthorityLifetime => Conf?.CaCert?.Expiration?.Value ?? DefaultAuthorityLifetime;
}

/// <summary>Certificates of the mesh's workloads.</summary>
/// <param name="RsaBits">Bits of their RSA keys, for peers that know no other; null: their keys are P-256.</param>
public sealed record WorkloadCertificates(
    CertificateRotation? Rotation = null, [property: JsonPropertyName("RSAbits")] int? RsaBits = null);

/// <summary>When workload certificates are replaced.</summary>
/// <param name="Expiration">A certificate's lifetime.</param>
public sealed record CertificateRotation(MeshDuration? Expiration = null);

/// <summary>A builtin authority's settings.</summary>
public sealed record BuiltinAuthorityConf(AuthorityCertificate? CaCert = null);

/// <summary>A builtin authority's own certificate.</summary>
/// <param name="RsaBits">Bits of its RSA key; null: the key is P-256.</param>
/// <param name="Expiration">Its lifetime.</param>
public sealed record AuthorityCertificate([property: JsonPropertyName("RSAbits")] int? RsaBits = null, MeshDuration? Expiration = null);
