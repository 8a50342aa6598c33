using System.Text.Json.Nodes;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Cli.Output;

namespace OrleansMesh.Cli.Tests;

public sealed class InspectTests
{
    private const string Inspection = """
        {"mesh":"default","name":"backend-1","status":"online",
         "connection":{"since":"2026-11-23T11:55:00Z","envoyVersion":"1.40.0","agentVersion":"0.1.0","variant":"delta"},
         "identity":{"backend":"ca-1","uris":["spiffe://default/backend","kuma://kuma.io/service/backend"]},
         "certificate":{"serial":"0a1b","backend":"ca-1","authorityId":"beef","uris":["spiffe://default/backend"],"notBefore":"2026-11-23T11:00:00Z","notAfter":"2026-11-24T11:00:00Z"},
         "inbounds":[{"address":"127.0.0.1","port":10000,"service":"backend","protocol":"http","serviceAddress":"127.0.0.1","servicePort":9000,
           "tags":{"kuma.io/service":"backend","kuma.io/protocol":"http"},"mutualTls":true,
           "permission":{"name":"permission-1","sources":[{"match":{"kuma.io/service":"web"}},{"match":{"kuma.io/service":"*","version":"v2"}}],"overridden":["allow-all","older"]}}],
         "outbounds":[{"address":"127.0.0.1","port":10001,"service":"db","tags":{"role":"primary"},"protocol":"tcp","endpoints":2,"endpointsReady":1}],
         "rejections":[{"type":"type.googleapis.com/envoy.config.listener.v3.Listener","resources":["inbound:127.0.0.1:10000"],
           "message":"Error adding/updating listener(s): [red] address in use\u001b[2J","since":"2026-11-23T11:59:30Z"}]}
        """;

    [Fact]
    public async Task One_proxy_is_told_so_that_a_person_sees_who_may_call_it()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/default/dataplanes/backend-1/_inspect", 200, Inspection);

        var run = await CommandRun.OfAsync(server, "inspect", "dataplane", "backend-1");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            """
                        backend-1 in mesh default
            status      online for 5m 0s
            proxy       Envoy 1.40.0, started by agent 0.1.0, xDS delta
            identity    spiffe://default/backend
                        kuma://kuma.io/service/backend
            certificate 23h 0m left, until 2026-11-24 11:00:00 UTC
                        serial 0a1b, signed by ca-1 (authority beef)

            inbound     127.0.0.1:10000 serves backend (http) at 127.0.0.1:9000
            tags        kuma.io/protocol=http kuma.io/service=backend
            may call    web
                        every service of the mesh with version=v2
            decided by  TrafficPermission permission-1 alone
            overridden  allow-all, older: match this inbound too and count for nothing here

            outbound    127.0.0.1:10001 calls db (tcp)
            tags        role=primary
            endpoints   1 ready of 2

            rejected    Envoy refused Listener inbound:127.0.0.1:10000 30s ago; what it had before stays in force
            its words   Error adding/updating listener(s): [red] address in use�[2J

            """,
            run.Out);
    }

    [Fact]
    public async Task An_authority_that_does_not_sign_is_told_beside_what_is_left_of_the_certificate()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/default/dataplanes/backend-1/_inspect", 200, Inspection.Replace(
            "\"inbounds\":", """
            "certificateFailure":{"backend":"ca-1","reason":"its [key] cannot be had","since":"2026-11-23T11:58:00Z"},"inbounds":
            """, StringComparison.Ordinal));

        var run = await CommandRun.OfAsync(server, "inspect", "dataplane", "backend-1");

        Assert.Contains(
            """
            certificate 23h 0m left, until 2026-11-24 11:00:00 UTC
                        serial 0a1b, signed by ca-1 (authority beef)
                        not renewed for 2m 0s: authority ca-1 does not sign: its [key] cannot be had
            """,
            run.Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_plain_traffic_is_let_in_is_told_before_who_may_call()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/default/dataplanes/backend-1/_inspect", 200, Inspection.Replace("\"mutualTls\":true", "\"mutualTls\":true,\"permissive\":true", StringComparison.Ordinal));

        var run = await CommandRun.OfAsync(server, "inspect", "dataplane", "backend-1");

        Assert.Contains(
            """
            PERMISSIVE  anybody who reaches the port without TLS is let in, without identity and whatever the permissions say; what follows is for those with
            may call    web
            """,
            run.Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_proxy_for_programs_is_the_answer_as_it_came()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/default/dataplanes/backend-1/_inspect", 200, Inspection);

        var run = await CommandRun.OfAsync(server, "inspect", "dataplane", "backend-1", "-o", "json");

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Inspection), JsonNode.Parse(run.Out)));
    }

    [Fact]
    public async Task A_proxy_that_was_never_connected_is_told_too()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/default/dataplanes/web-1/_inspect", 200, """
            {"mesh":"default","name":"web-1","status":"offline","connection":null,"identity":{"backend":"ca-1","uris":["spiffe://default/web"]},"certificate":null,
             "inbounds":[{"address":"127.0.0.1","port":1,"service":"web","protocol":"tcp","serviceAddress":"127.0.0.1","servicePort":2,"tags":{},"mutualTls":true,"permission":null}],
             "outbounds":[{"address":"127.0.0.1","port":3,"service":"db","tags":{},"protocol":"tcp","endpoints":0,"endpointsReady":0}],"rejections":[]}
            """);

        var run = await CommandRun.OfAsync(server, "inspect", "dataplane", "web-1");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("status      offline\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("certificate none issued yet\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("may call    nobody: no TrafficPermission matches it\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("endpoints   none ready of 0: every call fails\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_mutual_tls_a_permission_is_not_shown_as_if_it_had_force()
    {
        var inbound = new InspectedInbound("127.0.0.1", 1, "web", "http", "127.0.0.1", 2, MutualTls: false, new("p", [new(new Dictionary<string, string>())], []));

        Assert.StartsWith("anybody", Assert.Single(DataplaneReport.Callers(inbound)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_proxies_are_a_table_of_how_they_are()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/default/dataplanes/_overview", 200, """
            {"total":3,"items":[
             {"type":"DataplaneOverview","mesh":"default","name":"backend-1","dataplane":{"networking":{"inbound":[{"tags":{"kuma.io/service":"backend"}},{"tags":{"kuma.io/service":"admin"}}]}},
              "dataplaneInsight":{"subscriptions":[{"connectTime":"2026-11-23T10:00:00Z","disconnectTime":"2026-11-23T11:00:00Z"},
                {"connectTime":"2026-11-23T11:58:00Z","status":{"total":{"responsesRejected":"2"}},"version":{"envoy":{"version":"1.40.0"}}}],
               "mTLS":{"certificateExpirationTime":"2026-11-24T11:58:00Z"}}},
             {"type":"DataplaneOverview","mesh":"default","name":"gone-1","dataplane":{"networking":{"inbound":[{"tags":{"kuma.io/service":"gone"}}]}},
              "dataplaneInsight":{"subscriptions":[{"connectTime":"2026-11-23T10:00:00Z","disconnectTime":"2026-11-23T11:00:00Z"}],"mTLS":{"certificateExpirationTime":"2026-11-23T11:00:00Z"}}},
             {"type":"DataplaneOverview","mesh":"default","name":"web-1","dataplane":{"networking":{"inbound":[{"tags":{"kuma.io/service":"web"}}]}}}],"next":null}
            """);

        var run = await CommandRun.OfAsync(server, "inspect", "dataplanes");

        Assert.Equal(
            """
            MESH      NAME        SERVICES        STATUS    SINCE   ENVOY    CERTIFICATE    REJECTED
            default   backend-1   backend admin   online    2m 0s   1.40.0   23h 58m left   2
            default   gone-1      gone            offline   1h 0m            expired        0
            default   web-1       web             offline                    none           0

            """,
            run.Out);
    }

    [Theory]
    [InlineData("kuma.io/service=web", "web")]
    [InlineData("kuma.io/service=*", "every service of the mesh")]
    [InlineData("version=v1", "every service of the mesh with version=v1")]
    [InlineData("kuma.io/service=web;version=*;a=b", "web with a=b and any version")]
    [InlineData("", "every service of the mesh")]
    public void Selectors_are_said_in_words(string tags, string expected)
        => Assert.Equal(expected, SelectorWords.Of(tags.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(tag => tag.Split('=')).ToDictionary(tag => tag[0], tag => tag[1])));

    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(59, "59s")]
    [InlineData(61, "1m 1s")]
    [InlineData(3600 * 24 - 1, "23h 59m")]
    [InlineData(3600 * 24 * 12 + 3600 * 4, "12d 4h")]
    [InlineData(3600L * 24 * 3650, "10y 0d")]
    public void Durations_are_said_in_two_units(long seconds, string expected) => Assert.Equal(expected, DurationWords.Short(TimeSpan.FromSeconds(seconds)));
}
