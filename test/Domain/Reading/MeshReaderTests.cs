using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Tests.Reading;

public class MeshReaderTests
{
    private const string NotSupported = "is a Kuma field that OrleansMesh does not support yet";
    private const string BadDuration = "has to be a valid format: a number with a unit (y, w, d, h, m, s, ms) such as 24h, 1d or 10y";

    [Theory]
    // fields that Kuma has
    [InlineData("tracing: {}", "tracing: " + NotSupported)]
    [InlineData("logging: {}", "logging: " + NotSupported)]
    [InlineData("metrics: {}", "metrics: " + NotSupported)]
    [InlineData("networking: {outbound: {passthrough: false}}", "networking: " + NotSupported)]
    [InlineData("routing: {zoneEgress: true}", "routing: " + NotSupported)]
    [InlineData("constraints: {}", "constraints: " + NotSupported)]
    [InlineData("skipCreatingInitialPolicies: all", "skipCreatingInitialPolicies: must be a list")]
    [InlineData("skipCreatingInitialPolicies: ['*', 1, null]", "skipCreatingInitialPolicies[1]: must be a string; put it in quotes: \"1\"", "skipCreatingInitialPolicies[2]: must be a string")]
    [InlineData("meshServices: {mode: Exclusive}", "meshServices: " + NotSupported)]
    [InlineData("mtls: {skipValidation: true}", "mtls.skipValidation: " + NotSupported)]
    [InlineData("mtls: {backends: [{name: a, type: builtin, rootChain: {}}]}", "mtls.backends[0].rootChain: " + NotSupported)]
    [InlineData("mtls: {backends: [{name: a, type: builtin, dpCert: {requestTimeout: 1s}}]}", "mtls.backends[0].dpCert.requestTimeout: " + NotSupported)]
    [InlineData("mtls: {backends: [{name: a, type: builtin, mode: LAX}]}", "mtls.backends[0].mode: must be STRICT or PERMISSIVE")]
    [InlineData("mtls: {backends: [{name: a, type: provided}]}", "mtls.backends[0].conf: has to be defined: the certificate and the key of the authority")]
    [InlineData("mtls: {backends: [{name: a, type: vault}]}", "mtls.backends[0].type: 'vault' is an authority of Kuma's that OrleansMesh does not support yet; expected 'builtin' or 'provided'")]
    [InlineData("mtls: {backends: [{name: a, type: acmpca}]}", "mtls.backends[0].type: 'acmpca' is an authority of Kuma's that OrleansMesh does not support yet; expected 'builtin' or 'provided'")]
    [InlineData("mtls: {backends: [{name: a, type: certmanager}]}", "mtls.backends[0].type: 'certmanager' is an authority of Kuma's that OrleansMesh does not support yet; expected 'builtin' or 'provided'")]
    // unknown fields
    [InlineData("mtl: {}", "mtl: unknown field; expected one of type, name, labels, creationTime, modificationTime, kri, mtls, skipCreatingInitialPolicies; did you mean 'mtls'?")]
    [InlineData("mtls: {enabled: true}", "mtls.enabled: unknown field; expected one of enabledBackend, backends")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, Conf: {}}]}", "mtls.backends[0].Conf: unknown field; expected one of name, type, dpCert, conf, mode; did you mean 'conf'?")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, dpCert: {rotate: {}}}]}", "mtls.backends[0].dpCert.rotate: unknown field; expected one of rotation, RSAbits")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, dpCert: {rotation: {expires: 1d}}}]}", "mtls.backends[0].dpCert.rotation.expires: unknown field; expected one of expiration")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {cacert: {}}}]}", "mtls.backends[0].conf.cacert: unknown field; expected one of caCert; did you mean 'caCert'?")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {caCert: {rsaBits: 2048}}}]}", "mtls.backends[0].conf.caCert.rsaBits: unknown field; expected one of RSAbits, expiration; did you mean 'RSAbits'?")]
    // backends
    [InlineData("mtls: {enabledBackend: x, backends: [{name: ca-1, type: builtin}]}", "mtls.enabledBackend: has to be set to one of the backends in the mesh")]
    [InlineData("mtls: {enabledBackend: x}", "mtls.enabledBackend: has to be set to one of the backends in the mesh")]
    [InlineData("mtls: {enabledBackend: 1}", "mtls.enabledBackend: must be a string; put it in quotes: \"1\"")]
    [InlineData(
        "mtls: {backends: [{name: a, type: provided, conf: {other: {}}}]}",
        "mtls.backends[0].conf.cert: has to be defined: one of inline, inlineString, secret, file",
        "mtls.backends[0].conf.key: has to be defined: one of inline, inlineString, secret, file",
        "mtls.backends[0].conf.other: unknown field; expected one of cert, key")]
    [InlineData(
        "mtls: {backends: [{name: a, type: provided, conf: {cert: {}, key: {file: /a, inlineString: b}}}]}",
        "mtls.backends[0].conf.cert: expected exactly one of inline, inlineString, secret, file; found none",
        "mtls.backends[0].conf.key: expected exactly one of inline, inlineString, secret, file; found inlineString, file")]
    [InlineData(
        "mtls: {backends: [{name: a, type: provided, conf: {cert: {inline: '?'}, key: {secret: ''}}}]}",
        "mtls.backends[0].conf.cert.inline: expected base64; inlineString takes the value as it is",
        "mtls.backends[0].conf.key.secret: cannot be empty")]
    [InlineData("mtls: {backends: [{name: a, type: builtin}, {name: a, type: builtin}]}", "mtls.backends[1].name: \"a\" name is already used for another backend")]
    [InlineData("mtls: {backends: [{type: builtin}]}", "mtls.backends[0].name: cannot be empty")]
    [InlineData("mtls: {backends: [{name: CA_1, type: builtin}]}", "mtls.backends[0].name: \"CA_1\" name must be valid dns name")]
    [InlineData("mtls: {backends: [{name: a/b, type: builtin}]}", "mtls.backends[0].name: \"a/b\" name must be valid dns name")]
    [InlineData("mtls: {backends: [{name: a}]}", "mtls.backends[0].type: could not find installed plugin for this type; expected 'builtin' or 'provided'")]
    [InlineData("mtls: {backends: [{name: a, type: Builtin}]}", "mtls.backends[0].type: could not find installed plugin for this type; expected 'builtin' or 'provided'")]
    [InlineData("mtls: {backends: {}}", "mtls.backends: must be a list")]
    [InlineData("mtls: [1]", "mtls: must be an object")]
    // key sizes
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {caCert: {RSAbits: 1024}}}]}", "mtls.backends[0].conf.caCert.RSAbits: must be a multiple of 8 in the range [2048, 8192]")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, dpCert: {RSAbits: 1024}}]}", "mtls.backends[0].dpCert.RSAbits: must be a multiple of 8 in the range [2048, 8192]")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {caCert: {RSAbits: 8200}}}]}", "mtls.backends[0].conf.caCert.RSAbits: must be a multiple of 8 in the range [2048, 8192]")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {caCert: {RSAbits: 2049}}}]}", "mtls.backends[0].conf.caCert.RSAbits: must be a multiple of 8 in the range [2048, 8192]")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {caCert: {RSAbits: '2048'}}}]}", "mtls.backends[0].conf.caCert.RSAbits: must be a whole number without quotes")]
    // lifetimes
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {caCert: {expiration: 10}}}]}", "mtls.backends[0].conf.caCert.expiration: must be a string; put it in quotes: \"10\"")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {caCert: {expiration: '10'}}}]}", "mtls.backends[0].conf.caCert.expiration: " + BadDuration)]
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {caCert: {expiration: 9s}}}]}", "mtls.backends[0].conf.caCert.expiration: must be at least 10s")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, conf: {caCert: {expiration: 101y}}}]}", "mtls.backends[0].conf.caCert.expiration: must be at most 100y")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, dpCert: {rotation: {expiration: soon}}}]}", "mtls.backends[0].dpCert.rotation.expiration: " + BadDuration)]
    [InlineData("mtls: {backends: [{name: a, type: builtin, dpCert: {rotation: {expiration: ''}}}]}", "mtls.backends[0].dpCert.rotation.expiration: " + BadDuration)]
    [InlineData("mtls: {backends: [{name: a, type: builtin, dpCert: {rotation: {expiration: 9s999ms}}}]}", "mtls.backends[0].dpCert.rotation.expiration: must be at least 10s")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, dpCert: {rotation: {expiration: 2d}}, conf: {caCert: {expiration: 1d}}}]}", "mtls.backends[0].dpCert.rotation.expiration: must not be longer than the authority lives, 1d")]
    [InlineData("mtls: {backends: [{name: a, type: builtin, dpCert: {rotation: {expiration: 11y}}}]}", "mtls.backends[0].dpCert.rotation.expiration: must not be longer than the authority lives, 3650d")]
    // all at once
    [InlineData(
        "mtls: {enabledBackend: x, backends: [{name: A, type: vault, dpCert: {rotation: {expiration: 1}}, conf: {caCert: {RSAbits: 1, expiration: 1s}}}]}\nrouting: {}",
        "mtls.backends[0].name: \"A\" name must be valid dns name",
        "mtls.backends[0].type: 'vault' is an authority of Kuma's that OrleansMesh does not support yet; expected 'builtin' or 'provided'",
        "mtls.backends[0].dpCert.rotation.expiration: must be a string; put it in quotes: \"1\"",
        "mtls.backends[0].conf.caCert.RSAbits: must be a multiple of 8 in the range [2048, 8192]",
        "mtls.backends[0].conf.caCert.expiration: must be at least 10s",
        "mtls.enabledBackend: has to be set to one of the backends in the mesh",
        "routing: " + NotSupported)]
    public void Every_problem_is_named(string spec, params string[] problems)
        => Assert.Equal(problems, Read.Problems($"type: Mesh\nname: default\n{spec}"));

    [Theory]
    [InlineData("")]
    [InlineData("mtls: ~")]
    [InlineData("mtls: {}")]
    [InlineData("mtls: {backends: []}")]
    [InlineData("mtls: {enabledBackend: '', backends: [{name: ca-1, type: builtin}]}")]
    public void Without_an_enabled_backend_there_is_no_mutual_tls(string spec)
        => Assert.Null(((Mesh)Read.Valid($"type: Mesh\nname: default\n{spec}")).EnabledBackend);

    [Theory]
    [InlineData("skipCreatingInitialPolicies: ['*']", "*")]
    [InlineData("skipCreatingInitialPolicies: [MeshTimeout, MeshRetry]", "MeshTimeout", "MeshRetry")]
    [InlineData("skipCreatingInitialPolicies: []")]
    [InlineData("skipCreatingInitialPolicies: ~")]
    public void Policies_that_are_not_to_be_made_are_kept_since_none_ever_are(string spec, params string[] skipped)
        => Assert.Equal(skipped, ((Mesh)Read.Valid($"type: Mesh\nname: default\n{spec}")).SkipCreatingInitialPolicies);

    [Fact]
    public void Lifetimes_are_a_day_and_ten_years_where_the_mesh_does_not_say()
    {
        var backend = ((Mesh)Read.Valid("type: Mesh\nname: default\nmtls: {enabledBackend: ca-1, backends: [{name: ca-1, type: builtin, mode: STRICT, conf: {}}]}")).EnabledBackend!;
        Assert.Equal(TimeSpan.FromDays(1), backend.CertificateLifetime);
        Assert.Equal(TimeSpan.FromDays(3650), backend.AuthorityLifetime);
    }

    [Fact]
    public void A_short_authority_may_leave_the_certificates_lifetime_open()
        => Assert.IsType<Mesh>(Read.Valid("type: Mesh\nname: default\nmtls: {backends: [{name: ca-1, type: builtin, conf: {caCert: {expiration: 1h}}}]}"));
}
