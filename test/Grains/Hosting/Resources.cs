using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>What the tests' operators and proxies ask for.</summary>
internal static class Resources
{
    public static readonly Caller Operator = new("user:tester", "request-1");
    public static readonly Mesh PlainMesh = new("default");
    public static readonly Mesh SecureMesh = new("default", new MeshMtls("ca-1", [Backend("ca-1")]));

    public static CertificateAuthorityBackend Backend(string name, int? rsaBits = null, string lifetime = "10y")
        => new(
            name,
            CertificateAuthorityBackend.Builtin,
            Conf: new BuiltinAuthorityConf(new AuthorityCertificate(rsaBits, MeshDurationText.TryParse(lifetime, out var parsed) ? parsed : null)));

    public static TrafficPermission Permission(string name, string source, string destination)
        => new("default", name, [ForService(source)], [ForService(destination)]);

    public static TagSet Tags(string service, string protocol = "http") => TagSet.Of((TagSet.ServiceTag, service), (TagSet.ProtocolTag, protocol));

    public static Dataplane Dataplane(string name, string service, string protocol = "http", int port = 80, params string[] calls)
        => new("default", name, new DataplaneNetworking(
            "10.0.0.1",
            [new Inbound(port, Tags(service, protocol))],
            [.. calls.Select((called, i) => new Outbound(10001 + i, TagSet.Of((TagSet.ServiceTag, called))))]));

    public static ProxyConnection Connection(string session, Dataplane? dataplane) => new(session, dataplane, new ProxyAgent("1.40.0", "2.14.3", "delta"));

    private static Selector ForService(string service) => new(TagSet.Of((TagSet.ServiceTag, service)));
}
