using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Reading;

/// <summary>The documents that this system was specified by, verbatim.</summary>
public class SpecifiedDocumentsTests
{
    public const string Mesh = """
        apiVersion: kuma.io/v1alpha1
        kind: Mesh
        metadata:
          name: default
        spec:
          mtls:
            enabledBackend: ca-1
            backends:
            - name: ca-1
              type: builtin
              dpCert:
                rotation:
                  expiration: 1d
              conf:
                caCert:
                  RSAbits: 2048
                  expiration: 10y
        """;

    public const string Permission = """
        apiVersion: kuma.io/v1alpha1
        kind: TrafficPermission
        mesh: default
        metadata:
          name: permission-1
        spec:
          sources:
          - match:
              kuma.io/service: frontend_default_svc_80
          destinations:
          - match:
              kuma.io/service: backend_default_svc_80
        """;

    private static readonly Mesh ReadMesh = new("default", new MeshMtls("ca-1",
    [
        new CertificateAuthorityBackend(
            "ca-1",
            "builtin",
            new WorkloadCertificates(new CertificateRotation(new MeshDuration("1d", TimeSpan.FromDays(1)))),
            new BuiltinAuthorityConf(new AuthorityCertificate(2048, new MeshDuration("10y", TimeSpan.FromDays(3650))))),
    ]));

    private static readonly TrafficPermission ReadPermission = new(
        "default",
        "permission-1",
        [new Selector(TagSet.Of(("kuma.io/service", "frontend_default_svc_80")))],
        [new Selector(TagSet.Of(("kuma.io/service", "backend_default_svc_80")))]);

    [Fact]
    public void The_mesh_is_read()
    {
        var mesh = Assert.IsType<Mesh>(Read.Valid(Mesh));
        Assert.Equal(ReadMesh, mesh);
        Assert.Equal("ca-1", mesh.EnabledBackend!.Name);
        Assert.Equal(TimeSpan.FromDays(1), mesh.EnabledBackend.CertificateLifetime);
        Assert.Equal(TimeSpan.FromDays(3650), mesh.EnabledBackend.AuthorityLifetime);
    }

    [Fact]
    public void The_permission_is_read() => Assert.Equal(ReadPermission, Read.Valid(Permission));

    [Fact]
    public void Both_are_read_from_one_text_in_order()
    {
        var results = ResourceReader.Read($"{Mesh}\n---\n{Permission}\n");
        Assert.Equal([ReadMesh, ReadPermission], results.Select(r => r.Resource));
        Assert.Equal([1, 19], results.Select(r => r.Line));
    }

    [Fact]
    public void The_universal_form_means_the_same()
    {
        Assert.Equal(ReadMesh, Read.Valid("""
            type: Mesh
            name: default
            mtls:
              enabledBackend: ca-1
              backends:
              - name: ca-1
                type: builtin
                dpCert: {rotation: {expiration: 1d}}
                conf: {caCert: {RSAbits: 2048, expiration: 10y}}
            """));
        Assert.Equal(ReadPermission, Read.Valid("""
            {"type": "TrafficPermission", "mesh": "default", "name": "permission-1",
             "sources": [{"match": {"kuma.io/service": "frontend_default_svc_80"}}],
             "destinations": [{"match": {"kuma.io/service": "backend_default_svc_80"}}]}
            """));
    }

    [Fact]
    public void A_resource_that_names_no_mesh_is_in_the_default_one()
        => Assert.Equal(ReadPermission, Read.Valid(Permission.Replace("mesh: default\n", "", StringComparison.Ordinal)));
}
