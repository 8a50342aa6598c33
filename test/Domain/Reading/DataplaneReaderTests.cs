using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Reading;

public class DataplaneReaderTests
{
    private const string BadIp = "has to be valid IP address";
    private const string AnyIp = "must not be 0.0.0.0 or ::";
    private const string BadPort = "port must be in the range [1, 65535]";
    private const string NotSupported = "is a Kuma field that OrleansMesh does not support yet";
    private const string BadTagName = "tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores";
    private const string BadTagPart = "tag name must not have a part that is empty, '.' or '..' between slashes";
    private const string BadTagValue = "tag value must consist of alphanumeric characters, dots, dashes and underscores";
    private const string InboundFields = "unknown field; expected one of port, servicePort, serviceAddress, address, tags, health, name";

    [Fact]
    public void Everything_that_is_supported_is_read()
    {
        var dataplane = Read.Valid("""
            type: Dataplane
            mesh: shop
            name: backend-1.eu
            labels: {team: payments}
            networking:
              address: 10.1.2.3
              advertisedAddress: fd00::1
              inbound:
              - port: 10000
                address: 10.1.2.4
                servicePort: 9000
                serviceAddress: 127.0.0.2
                name: main
                health: {ready: false}
                tags: {kuma.io/service: backend, kuma.io/protocol: HTTP, version: "1"}
              - port: 10000
                tags: {kuma.io/service: metrics}
              outbound:
              - port: 10001
                address: 127.0.0.3
                tags: {kuma.io/service: db, version: v2}
              - port: 10001
                tags: {kuma.io/service: cache}
              admin: {port: 9901}
            """);
        var expected = new Dataplane("shop", "backend-1.eu", new DataplaneNetworking(
            "10.1.2.3",
            [
                new Inbound(10000, TagSet.Of(("kuma.io/service", "backend"), ("kuma.io/protocol", "HTTP"), ("version", "1")))
                {
                    Address = "10.1.2.4", ServicePort = 9000, ServiceAddress = "127.0.0.2", Name = "main", Health = new InboundHealth(false),
                },
                new Inbound(10000, TagSet.Of(("kuma.io/service", "metrics"))),
            ],
            [
                new Outbound(10001, TagSet.Of(("kuma.io/service", "db"), ("version", "v2"))) { Address = "127.0.0.3" },
                new Outbound(10001, TagSet.Of(("kuma.io/service", "cache"))),
            ])
        {
            AdvertisedAddress = "fd00::1",
            Admin = new EnvoyAdmin(9901),
        })
        {
            Labels = TagSet.Of(("team", "payments")),
        };
        Assert.Equal(expected, dataplane);
        Assert.Equal(Protocol.Http, ((Dataplane)dataplane).Networking.Inbound[0].Protocol);
    }

    [Theory]
    // addresses
    [InlineData("inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: address can't be empty")]
    [InlineData("address: '', inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: address can't be empty")]
    [InlineData("address: 0.0.0.0, inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: " + AnyIp)]
    [InlineData("address: '::', inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: " + AnyIp)]
    [InlineData("address: '0:0::0', inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: " + AnyIp)]
    [InlineData("address: example.com, inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: address " + BadIp)]
    [InlineData("address: '127.1', inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: address " + BadIp)]
    [InlineData("address: 010.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: address " + BadIp)]
    [InlineData("address: '[::1]', inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: address " + BadIp)]
    [InlineData("address: 'fe80::1%eth0', inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: address " + BadIp)]
    [InlineData("address: 5, inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.address: must be a string; put it in quotes: \"5\"")]
    [InlineData("address: 10.0.0.1, advertisedAddress: x, inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.advertisedAddress: advertisedAddress " + BadIp)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, address: x, tags: {kuma.io/service: a}}]", "networking.inbound[0].address: address " + BadIp)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, address: 0.0.0.0, tags: {kuma.io/service: a}}]", "networking.inbound[0].address: " + AnyIp)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, serviceAddress: x, tags: {kuma.io/service: a}}]", "networking.inbound[0].serviceAddress: serviceAddress " + BadIp)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 2, address: 0.0.0.0, tags: {kuma.io/service: b}}]", "networking.outbound[0].address: " + AnyIp)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 2, address: x, tags: {kuma.io/service: b}}]", "networking.outbound[0].address: address " + BadIp)]
    // the workload behind the proxy
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, serviceAddress: 10.0.0.1, tags: {kuma.io/service: a}}]", "networking.inbound[0].serviceAddress: serviceAddress and servicePort has to differ from address and port")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, servicePort: 1, serviceAddress: 10.0.0.1, tags: {kuma.io/service: a}}]", "networking.inbound[0].serviceAddress: serviceAddress and servicePort has to differ from address and port")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, address: 'fd00::1', serviceAddress: 'fd00:0::1', tags: {kuma.io/service: a}}]", "networking.inbound[0].serviceAddress: serviceAddress and servicePort has to differ from address and port")]
    // ports
    [InlineData("address: 10.0.0.1, inbound: [{tags: {kuma.io/service: a}}]", "networking.inbound[0].port: " + BadPort)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 0, tags: {kuma.io/service: a}}]", "networking.inbound[0].port: " + BadPort)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 65536, tags: {kuma.io/service: a}}]", "networking.inbound[0].port: " + BadPort)]
    [InlineData("address: 10.0.0.1, inbound: [{port: -1, tags: {kuma.io/service: a}}]", "networking.inbound[0].port: " + BadPort)]
    [InlineData("address: 10.0.0.1, inbound: [{port: '80', tags: {kuma.io/service: a}}]", "networking.inbound[0].port: must be a whole number without quotes")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1.5, tags: {kuma.io/service: a}}]", "networking.inbound[0].port: must be a whole number")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, servicePort: 70000, tags: {kuma.io/service: a}}]", "networking.inbound[0].servicePort: " + BadPort)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{tags: {kuma.io/service: b}}]", "networking.outbound[0].port: " + BadPort)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}, {port: 1, tags: {kuma.io/service: b}}]", "networking.inbound[1].port: port 1 on 10.0.0.1 is already used by networking.inbound[0]")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}, {port: 1, address: 10.0.0.1, tags: {kuma.io/service: b}}]", "networking.inbound[1].port: port 1 on 10.0.0.1 is already used by networking.inbound[0]")]
    [InlineData("address: 127.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 1, tags: {kuma.io/service: b}}]", "networking.outbound[0].port: port 1 on 127.0.0.1 is already used by networking.inbound[0]")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 2, tags: {kuma.io/service: b}}, {port: 2, tags: {kuma.io/service: c}}]", "networking.outbound[1].port: port 2 on 127.0.0.1 is already used by networking.outbound[0]")]
    [InlineData("address: 127.0.0.1, inbound: [{port: 1, servicePort: 2, tags: {kuma.io/service: a}}], admin: {port: 1}", "networking.admin.port: must differ from inbound")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, servicePort: 2, tags: {kuma.io/service: a}}], admin: {port: 2}", "networking.admin.port: must differ from inbound")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 2, tags: {kuma.io/service: b}}], admin: {port: 2}", "networking.admin.port: must differ from outbound")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], admin: {}", "networking.admin.port: " + BadPort)]
    // tags
    [InlineData("address: 10.0.0.1, inbound: [{port: 1}]", "networking.inbound[0].tags[\"kuma.io/service\"]: tag has to exist")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {}}]", "networking.inbound[0].tags[\"kuma.io/service\"]: tag has to exist")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: ''}}]", "networking.inbound[0].tags[\"kuma.io/service\"]: tag value must be non-empty")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: '*'}}]", "networking.inbound[0].tags[\"kuma.io/service\"]: " + BadTagValue)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a/b}}]", "networking.inbound[0].tags[\"kuma.io/service\"]: " + BadTagValue)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: 'a:b'}}]", "networking.inbound[0].tags[\"kuma.io/service\"]: the name of a service must not have a colon")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: ..}}]", "networking.inbound[0].tags[\"kuma.io/service\"]: tag value must not be '.' or '..'")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: [a]}}]", "networking.inbound[0].tags[\"kuma.io/service\"]: must be a string")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: ~}}]", "networking.inbound[0].tags[\"kuma.io/service\"]: must be a string")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, v: 1}}]", "networking.inbound[0].tags[\"v\"]: must be a string; put it in quotes: \"1\"")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, v: true}}]", "networking.inbound[0].tags[\"v\"]: must be a string; put it in quotes: \"true\"")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, '': v}}]", "networking.inbound[0].tags: tag name must be non-empty")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, 'a b': v}}]", "networking.inbound[0].tags[\"a b\"]: " + BadTagName)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, 'a\"b': v}}]", "networking.inbound[0].tags[\"a\\\"b\"]: " + BadTagName)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, 'x//y': v}}]", "networking.inbound[0].tags[\"x//y\"]: " + BadTagPart)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, '/y': v}}]", "networking.inbound[0].tags[\"/y\"]: " + BadTagPart)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, 'x/../y': v}}]", "networking.inbound[0].tags[\"x/../y\"]: " + BadTagPart)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, 'x:80/y': v}}]", "networking.inbound[0].tags[\"x:80/y\"]: tag name must not have a colon before its first slash")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, v: é}}]", "networking.inbound[0].tags[\"v\"]: " + BadTagValue)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, v: \"x\\n\"}}]", "networking.inbound[0].tags[\"v\"]: " + BadTagValue)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: [a]}]", "networking.inbound[0].tags: must be an object", "networking.inbound[0].tags[\"kuma.io/service\"]: tag has to exist")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, kuma.io/protocol: smtp}}]", "networking.inbound[0].tags[\"kuma.io/protocol\"]: tag \"kuma.io/protocol\" has an invalid value \"smtp\". Allowed values: grpc, http, http2, kafka, mysql, tcp, tls")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 2}]", "networking.outbound[0].tags: mandatory tag \"kuma.io/service\" is missing")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 2, tags: {version: v1}}]", "networking.outbound[0].tags: mandatory tag \"kuma.io/service\" is missing")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 2, tags: {kuma.io/service: b, version: '*'}}]", "networking.outbound[0].tags[\"version\"]: " + BadTagValue)]
    // inbounds
    [InlineData("address: 10.0.0.1", "networking.inbound: must have at least one element, since the tags of its inbounds are a proxy's identity")]
    [InlineData("address: 10.0.0.1, inbound: []", "networking.inbound: must have at least one element, since the tags of its inbounds are a proxy's identity")]
    [InlineData("address: 10.0.0.1, inbound: {port: 1}", "networking.inbound: must be a list")]
    [InlineData("address: 10.0.0.1, inbound: [80]", "networking.inbound[0]: must be an object")]
    [InlineData("address: 10.0.0.1, inbound: [~]", "networking.inbound[0]: must be an object")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, name: '', tags: {kuma.io/service: a}}]", "networking.inbound[0].name: cannot be empty")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, name: x, tags: {kuma.io/service: a}}, {port: 2, name: x, tags: {kuma.io/service: a}}]", "networking.inbound[1].name: name \"x\" must be unique across inbounds and listeners")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, health: {ready: 'yes'}, tags: {kuma.io/service: a}}]", "networking.inbound[0].health.ready: must be true or false")]
    // fields that Kuma has
    [InlineData("address: 10.0.0.1, gateway: {tags: {kuma.io/service: a}}", "networking.gateway: " + NotSupported)]
    [InlineData("address: 10.0.0.1, transparentProxying: {}, inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.transparentProxying: " + NotSupported)]
    [InlineData("address: 10.0.0.1, listeners: [], inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.listeners: " + NotSupported)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, serviceProbe: {}, tags: {kuma.io/service: a}}]", "networking.inbound[0].serviceProbe: " + NotSupported)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, state: Ignored, tags: {kuma.io/service: a}}]", "networking.inbound[0].state: " + NotSupported)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, protocol: http, tags: {kuma.io/service: a}}]", "networking.inbound[0].protocol: " + NotSupported)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 2, backendRef: {kind: MeshService, name: b, port: 80}}]", "networking.outbound[0].backendRef: " + NotSupported)]
    // unknown fields
    [InlineData("address: 10.0.0.1, adress: x, inbound: [{port: 1, tags: {kuma.io/service: a}}]", "networking.adress: unknown field; expected one of address, advertisedAddress, inbound, outbound, admin; did you mean 'address'?")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, Port: 2, tags: {kuma.io/service: a}}]", "networking.inbound[0].Port: " + InboundFields + "; did you mean 'port'?")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, color: red, tags: {kuma.io/service: a}}]", "networking.inbound[0].color: " + InboundFields)]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, health: {ready: true, x: 1}, tags: {kuma.io/service: a}}]", "networking.inbound[0].health.x: unknown field; expected one of ready")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 2, tag: {}, tags: {kuma.io/service: b}}]", "networking.outbound[0].tag: unknown field; expected one of address, port, tags; did you mean 'tags'?")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], admin: {port: 9901, host: x}", "networking.admin.host: unknown field; expected one of port")]
    // all at once
    [InlineData(
        "inbound: [{port: 70000, x: 1, tags: {version: '*'}}, 7], outbound: [{port: 2, tags: {}}, {port: 2, tags: {kuma.io/service: b}}], gateway: {}",
        "networking.address: address can't be empty",
        "networking.inbound[1]: must be an object",
        "networking.inbound[0].port: " + BadPort,
        "networking.inbound[0].tags[\"version\"]: " + BadTagValue,
        "networking.inbound[0].tags[\"kuma.io/service\"]: tag has to exist",
        "networking.inbound[0].x: " + InboundFields,
        "networking.outbound[0].tags: mandatory tag \"kuma.io/service\" is missing",
        "networking.outbound[1].port: port 2 on 127.0.0.1 is already used by networking.outbound[0]",
        "networking.gateway: " + NotSupported)]
    public void Every_problem_is_named(string networking, params string[] problems)
        => Assert.Equal(problems, Read.Problems($"type: Dataplane\nname: web-1\nnetworking: {{{networking}}}"));

    [Theory]
    [InlineData("", "networking: must be defined")]
    [InlineData("networking: ~", "networking: must be defined")]
    [InlineData("networking: []", "networking: must be an object")]
    [InlineData("networking: {address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}]}\nprobes: {}\nmetrics: {}", "probes: " + NotSupported, "metrics: " + NotSupported)]
    [InlineData("networking: {address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}]}\nnetworkin: {}", "networkin: unknown field; expected one of type, mesh, name, labels, creationTime, modificationTime, kri, networking; did you mean 'networking'?")]
    public void Problems_beside_the_networking_are_named_too(string spec, params string[] problems)
        => Assert.Equal(problems, Read.Problems($"type: Dataplane\nname: web-1\n{spec}"));

    [Theory]
    [InlineData("address: 127.0.0.1, inbound: [{port: 80, tags: {kuma.io/service: a}}]")] // Kuma takes it
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}], outbound: [{port: 1, tags: {kuma.io/service: b}}]")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, serviceAddress: 10.0.0.1, servicePort: 2, tags: {kuma.io/service: a}}]")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a, kuma.io/protocol: kafka, 'a/b:c': 'x:y'}}], outbound: ~")]
    [InlineData("address: 10.0.0.1, inbound: [{port: 1, servicePort: 2, tags: {kuma.io/service: a}}], admin: {port: 1}")]
    public void What_is_unusual_but_sound_is_accepted(string networking)
        => Assert.IsType<Dataplane>(Read.Valid($"type: Dataplane\nname: web-1\nnetworking: {{{networking}}}"));
}
