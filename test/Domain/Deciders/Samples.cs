using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Deciders;

/// <summary>Resources to decide about.</summary>
internal static class Samples
{
    public static readonly Mesh PlainMesh = new("default");

    public static readonly Mesh SecureMesh = MeshWith("ca-1", Backend("ca-1"));

    public static Mesh MeshWith(string? enabled, params ReadOnlySpan<CertificateAuthorityBackend> backends)
        => new("default", new MeshMtls(enabled, ValueList.Create(backends)));

    public static CertificateAuthorityBackend Backend(string name, int? rsaBits = null, string authorityLifetime = "10y", string certificateLifetime = "1d")
        => new(
            name,
            CertificateAuthorityBackend.Builtin,
            new WorkloadCertificates(new CertificateRotation(Duration(certificateLifetime))),
            new BuiltinAuthorityConf(new AuthorityCertificate(rsaBits, Duration(authorityLifetime))));

    public static TrafficPermission Permission(string name, string source, string destination)
        => new("default", name, [ForService(source)], [ForService(destination)]);

    public static Selector ForService(string service) => new(TagSet.Of((TagSet.ServiceTag, service)));

    public static Inbound Inbound(int port, string service, string protocol = "http")
        => new(port, TagSet.Of((TagSet.ServiceTag, service), (TagSet.ProtocolTag, protocol)));

    public static Outbound Outbound(int port, string service) => new(port, TagSet.Of((TagSet.ServiceTag, service)));

    public static Dataplane Dataplane(string name, Inbound[] inbounds, params Outbound[] outbounds)
        => new("default", name, new DataplaneNetworking("10.0.0.1", [.. inbounds], [.. outbounds]));

    private static MeshDuration Duration(string text)
        => MeshDurationText.TryParse(text, out var duration) ? duration : throw new FormatException(text);
}
