using System.Buffers.Text;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>Reads what is particular to a Mesh. Fields and rules: Kuma 2.14 <c>api/mesh/v1alpha1/mesh.proto</c> and <c>mesh_validator.go</c>.</summary>
internal static class MeshReader
{
    private const int MostBackends = 10;
    private const int LeastRsaBits = 2048;
    private const int MostRsaBits = 8192;

    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromSeconds(10);

    /// <summary>A certificate's end must be a date that X.509 can hold, with room for clocks that are far ahead.</summary>
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(100 * 365);

    private const string ExpectedType = $"expected '{CertificateAuthorityBackend.Builtin}' or '{CertificateAuthorityBackend.Provided}'";

    private static readonly string[] SourceKinds = ["inline", "inlineString", "secret", "file"];

    private static readonly string[] TypesNotSupported = ["vault", "acmpca", "certmanager"];

    public static Mesh Read(ObjectReader spec, string name, TagSet labels)
    {
        spec.NotSupported("tracing", "logging", "metrics", "networking", "routing", "constraints", "meshServices");
        var mesh = new Mesh(name, spec.Object("mtls") is { } mtls ? ReadMtls(mtls) : null)
        {
            Labels = labels,
            SkipCreatingInitialPolicies = spec.TextList("skipCreatingInitialPolicies"),
        };
        spec.RefuseOthers();
        return mesh;
    }

    private static MeshMtls ReadMtls(ObjectReader mtls)
    {
        mtls.NotSupported("skipValidation");
        var enabled = mtls.Text("enabledBackend");
        if (enabled is "")
            enabled = null;
        var readers = mtls.Objects("backends");
        var backends = readers.Select(ReadBackend).ToValueList();
        if (backends.Count > MostBackends)
            mtls.Report("backends", $"cannot have more than {MostBackends} backends");
        for (var i = 0; i < backends.Count; i++)
        {
            if (backends.Take(i).Any(b => b.Name.Length > 0 && b.Name == backends[i].Name))
                readers[i].Report("name", $"\"{backends[i].Name}\" name is already used for another backend");
        }

        if (enabled is not null && backends.All(b => b.Name != enabled))
            mtls.Report("enabledBackend", "has to be set to one of the backends in the mesh");
        mtls.RefuseOthers();
        return new MeshMtls(enabled, backends);
    }

    private static CertificateAuthorityBackend ReadBackend(ObjectReader backend)
    {
        backend.NotSupported("rootChain");
        var name = backend.Text("name") ?? "";
        if (NameRules.ProblemOfBackend(name) is { } problem)
            backend.Report("name", problem);
        var type = ReadType(backend);
        var isProvided = type == CertificateAuthorityBackend.Provided;
        var certificates = backend.Object("dpCert") is { } dpCert ? ReadWorkloadCertificates(dpCert) : null;
        var conf = backend.Object("conf");
        if (isProvided && conf is null)
            backend.Report("conf", "has to be defined: the certificate and the key of the authority");
        var read = new CertificateAuthorityBackend(
            name,
            type,
            certificates,
            isProvided || conf is null ? null : ReadConf(conf),
            isProvided && conf is not null ? ReadProvidedConf(conf) : null)
        { Mode = ReadMode(backend) };
        if (!isProvided && read.DpCert?.Rotation?.Expiration is { } lifetime && lifetime.Value > read.AuthorityLifetime)
            backend.Report("dpCert.rotation.expiration", $"must not be longer than the authority lives, {Text(read)}");
        backend.RefuseOthers();
        return read;
    }

    private static string ReadType(ObjectReader backend)
    {
        var type = backend.Text("type");
        if (TypesNotSupported.Contains(type))
            backend.Report("type", $"'{type}' is an authority of Kuma's that OrleansMesh does not support yet; {ExpectedType}");
        else if (type is not (CertificateAuthorityBackend.Builtin or CertificateAuthorityBackend.Provided))
            backend.Report("type", $"could not find installed plugin for this type; {ExpectedType}");
        return type == CertificateAuthorityBackend.Provided ? type : CertificateAuthorityBackend.Builtin;
    }

    private static MtlsMode ReadMode(ObjectReader backend)
    {
        switch (backend.Text("mode"))
        {
            case null or "STRICT":
                return MtlsMode.Strict;
            case "PERMISSIVE":
                return MtlsMode.Permissive;
            default:
                backend.Report("mode", "must be STRICT or PERMISSIVE");
                return MtlsMode.Strict;
        }
    }

    private static WorkloadCertificates ReadWorkloadCertificates(ObjectReader dpCert)
    {
        dpCert.NotSupported("requestTimeout");
        CertificateRotation? read = null;
        if (dpCert.Object("rotation") is { } rotation)
        {
            read = new CertificateRotation(ReadLifetime(rotation));
            rotation.RefuseOthers();
        }

        var rsaBits = ReadRsaBits(dpCert);
        dpCert.RefuseOthers();
        return new WorkloadCertificates(read, rsaBits);
    }

    private static BuiltinAuthorityConf ReadConf(ObjectReader conf)
    {
        AuthorityCertificate? read = null;
        if (conf.Object("caCert") is { } caCert)
        {
            read = new AuthorityCertificate(ReadRsaBits(caCert), ReadLifetime(caCert));
            caCert.RefuseOthers();
        }

        conf.RefuseOthers();
        return new BuiltinAuthorityConf(read);
    }

    private static ProvidedAuthorityConf ReadProvidedConf(ObjectReader conf)
    {
        var read = new ProvidedAuthorityConf(ReadSource(conf, "cert"), ReadSource(conf, "key"));
        conf.RefuseOthers();
        return read;
    }

    private static ValueSource ReadSource(ObjectReader conf, string name)
    {
        if (conf.Object(name) is not { } source)
        {
            if (!conf.Has(name))
                conf.Report(name, $"has to be defined: one of {string.Join(", ", SourceKinds)}");
            return new ValueSource();
        }

        var read = new ValueSource(source.Text("inline"), source.Text("inlineString"), source.Text("secret"), source.Text("file"));
        var given = SourceKinds.Where(source.Has).ToArray();
        if (given.Length != 1)
            conf.Report(name, $"expected exactly one of {string.Join(", ", SourceKinds)}; found {(given.Length == 0 ? "none" : string.Join(", ", given))}");
        else if (source.IsEmpty(given[0]))
            source.Report(given[0], "cannot be empty");
        else if (read.Inline is { } inline && !Base64.IsValid(inline))
            source.Report("inline", "expected base64; inlineString takes the value as it is");
        source.RefuseOthers();
        return read;
    }

    private static int? ReadRsaBits(ObjectReader certificate)
    {
        if (certificate.Integer("RSAbits") is not { } bits)
            return null;
        if (bits is >= LeastRsaBits and <= MostRsaBits && bits % 8 == 0)
            return (int)bits;
        certificate.Report("RSAbits", $"must be a multiple of 8 in the range [{LeastRsaBits}, {MostRsaBits}]");
        return null;
    }

    private static MeshDuration? ReadLifetime(ObjectReader reader)
    {
        var lifetime = DurationRules.Duration(reader, "expiration");
        if (lifetime is not null && lifetime.Value < ShortestLifetime)
            reader.Report("expiration", $"must be at least {ShortestLifetime.TotalSeconds}s");
        else if (lifetime is not null && lifetime.Value > LongestLifetime)
            reader.Report("expiration", $"must be at most {LongestLifetime.TotalDays / 365}y");
        return lifetime;
    }

    private static string Text(CertificateAuthorityBackend backend)
        => backend.Conf?.CaCert?.Expiration?.Text ?? $"{CertificateAuthorityBackend.DefaultAuthorityLifetime.TotalDays}d";
}
