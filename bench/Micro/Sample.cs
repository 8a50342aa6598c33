using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Micro;

/// <summary>The mesh of the load generator's targets: 1,000 services, a permission for each, and proxies with 20 outbounds.</summary>
internal static class Sample
{
    public const string Mesh = "default";

    public const int Services = 1000;

    private const int Outbounds = 20;

    public static readonly CertificateAuthorityBackend Backend = new("ca-1", CertificateAuthorityBackend.Builtin);

    public static readonly Dataplane Dataplane = new(Mesh, "proxy-1", new DataplaneNetworking(
        "10.0.0.1",
        [new Inbound(8080, Tags(0))],
        [.. Enumerable.Range(1, Outbounds).Select(n => new Outbound(20_000 + n, TagSet.Of((TagSet.ServiceTag, Service(n)))))]));

    public static readonly string TrustBundle = SelfSigned();

    public static string Service(int number) => $"service-{number:00000}";

    public static TagSet Tags(int service) => TagSet.Of((TagSet.ServiceTag, Service(service)), (TagSet.ProtocolTag, "http"));

    /// <summary>One permission for each service, and one for all of them.</summary>
    public static PermissionIndex Permissions { get; } = PermissionIndex.Of(
    [
        .. Enumerable.Range(0, Services).Select(n => new PlacedPermission(Permission($"to-{n}", Service(n + 1), Service(n)), n)),
        new PlacedPermission(Permission("everybody", Selector.Any, Selector.Any), Services),
    ]);

    /// <summary>What the proxy has to do, as one caller, or another, is let in.</summary>
    public static ProxyView View(GoverningPermission? permission)
        => ProxyViews.Compute(Dataplane, Backend, [permission], _ => Protocol.Http, new TrustView(Backend.Name, "aa", TrustBundle, ConfirmBundle: null), [], quarantined: []);

    public static GoverningPermission Allowing(string caller) => new("one", [new Selector(TagSet.Of((TagSet.ServiceTag, caller)))], []);

    /// <summary>So many replicas of a service.</summary>
    public static ValueList<Endpoint> Replicas(int service, int count)
        => Enumerable.Range(1, count).Select(n => new Endpoint($"10.1.{n >> 8}.{n & 255}", 8080, Tags(service), Ready: true)).ToValueList();

    private static TrafficPermission Permission(string name, string source, string destination) => new(
        Mesh, name, [new Selector(TagSet.Of((TagSet.ServiceTag, source)))], [new Selector(TagSet.Of((TagSet.ServiceTag, destination)))]);

    private static string SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bench", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem() + "\n";
    }
}
