using FsCheck;
using FsCheck.Fluent;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Reading;

/// <summary>Makes valid resources of every type.</summary>
public static class ResourceGenerators
{
    private static readonly Gen<string> Name = Gen.Elements("a", "web-1", "0", "x-y-z");

    private static readonly Gen<TagSet> Labels = Tags([("kuma.io/env", "universal"), ("team", ""), ("example.com/x_y", "A.b")], 0);

    private static readonly Gen<TagSet> InboundTags = Tags(
        [("kuma.io/service", "web_default_svc_80"), ("kuma.io/protocol", "http2"), ("version", "1"), ("a/b:c", "x:y"), ("T", "null")], 1);

    private static readonly Gen<TagSet> SelectorTags =
        from choose in Gen.Choose(0, 3)
        from value in Gen.Elements("*", "web", "true")
        select TagSet.Of(((string, string)[])[("kuma.io/service", value), .. new[] { ("version", "*"), ("team", "a"), ("z", "1.0") }.Take(choose)]);

    private static readonly Gen<MeshDuration?> Lifetime = Gen.Elements("10s", "90d", "36h", "1h30m", "24h0m0s", null).Select(text =>
        MeshDurationText.TryParse(text, out var duration) ? duration : null);

    private static readonly Gen<CertificateAuthorityBackend> Backend =
        from name in Gen.Elements("ca-1", "x.y")
        from workloadBits in Gen.Elements<int?>(null, 3072)
        from certificates in Optional(Optional(Lifetime.Select(l => new CertificateRotation(l))).Select(r => new WorkloadCertificates(r, workloadBits)))
        from bits in Gen.Elements<int?>(null, 2048, 8192)
        from expiration in Gen.Elements<MeshDuration?>(null, new MeshDuration("10y", TimeSpan.FromDays(3650)))
        from conf in Optional(Optional(Gen.Constant(new AuthorityCertificate(bits, expiration))).Select(c => new BuiltinAuthorityConf(c)))
        from mode in Gen.Elements(MtlsMode.Strict, MtlsMode.Permissive)
        select new CertificateAuthorityBackend(name, "builtin", certificates, conf) { Mode = mode };

    private static readonly Gen<IResource> AnyMesh =
        from name in Name
        from labels in Labels
        from backends in Backend.ListOf().Select(list => list.Take(1).ToValueList())
        from enabled in Gen.Elements(true, false)
        from mtls in Optional(Gen.Constant(new MeshMtls(enabled && backends.Count > 0 ? backends[0].Name : null, backends)))
        from skipped in Gen.Elements("*", "MeshRetry").ListOf()
        select (IResource)new Mesh(name, mtls) { Labels = labels, SkipCreatingInitialPolicies = skipped.ToValueList() };

    private static readonly Gen<IResource> AnyDataplane =
        from mesh in Name
        from name in Name
        from labels in Labels
        from inboundCount in Gen.Choose(1, 3)
        from inbounds in AnyInbound.ArrayOf(inboundCount)
        from outboundCount in Gen.Choose(0, 3)
        from outbounds in AnyOutbound.ArrayOf(outboundCount)
        from advertised in Gen.Elements(null, "10.9.9.9", "fd00::9")
        from admin in Optional(Gen.Constant(new EnvoyAdmin(9901)))
        select (IResource)new Dataplane(mesh, name, new DataplaneNetworking(
            "10.0.0.1",
            inbounds.Select((inbound, i) => inbound with { Port = 10_000 + i, Name = inbound.Name is { } n ? $"{n}{i}" : null }).ToValueList(),
            outbounds.Select((outbound, i) => outbound with { Port = 20_000 + i }).ToValueList())
        {
            AdvertisedAddress = advertised,
            Admin = admin,
        })
        {
            Labels = labels,
        };

    private static readonly Gen<IResource> AnyPermission =
        from mesh in Name
        from name in Name
        from labels in Labels
        from sources in SelectorTags.NonEmptyListOf()
        from destinations in SelectorTags.NonEmptyListOf()
        select (IResource)new TrafficPermission(
            mesh,
            name,
            sources.Select(s => new Selector(s)).ToValueList(),
            destinations.Select(s => new Selector(s)).ToValueList())
        {
            Labels = labels,
        };

    private static readonly Gen<IResource> AnyQuarantine =
        from mesh in Name
        from name in Name
        from labels in Labels
        from proxy in Name
        from reason in Gen.Elements(null, "found in a paste", "no: yes")
        select (IResource)new ProxyQuarantine(mesh, name, proxy, reason) { Labels = labels };

    private static Gen<Inbound> AnyInbound =>
        from tags in InboundTags
        from address in Gen.Elements(null, "10.0.0.2", "::1")
        from servicePort in Gen.Elements<int?>(null, 1, 65535)
        from serviceAddress in Gen.Elements(null, "127.0.0.1", "127.0.0.9")
        from name in Gen.Elements(null, "main", "Main 1")
        from health in Gen.Elements<InboundHealth?>(null, new InboundHealth(true), new InboundHealth(false))
        select new Inbound(1, tags) { Address = address, ServicePort = servicePort, ServiceAddress = serviceAddress, Name = name, Health = health };

    private static Gen<Outbound> AnyOutbound =>
        from tags in InboundTags
        from address in Gen.Elements(null, "127.0.0.1", "127.0.0.7")
        select new Outbound(1, tags) { Address = address };

    public static Arbitrary<IResource> Resources() => Gen.OneOf(AnyMesh, AnyDataplane, AnyPermission, AnyQuarantine).ToArbitrary();

    private static Gen<T?> Optional<T>(Gen<T> gen)
        where T : class
        => Gen.OneOf(gen.Select(value => (T?)value), Gen.Constant<T?>(null));

    /// <summary>The first so many of the tags, at least the given number.</summary>
    private static Gen<TagSet> Tags((string, string)[] tags, int least) => Gen.Choose(least, tags.Length).Select(count => TagSet.Of([.. tags.Take(count)]));
}
