using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansMesh.Cli.Tests;

/// <summary><c>meshctl proxy run</c> as a process, with a shell script for Envoy.</summary>
[Trait("Category", "Slow")]
[UnsupportedOSPlatform("windows")]
public sealed class ProxyRunTests : IAsyncLifetime
{
    private const string Bootstrap = "node: {id: default.web-1}\n";
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    private static readonly string Answer = new JsonObject { ["bootstrap"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Bootstrap)) }.ToJsonString();

    /// <summary>Notes how it was started and what signals it gets, says where its admin interface is, and then waits.</summary>
    private const string Envoy = """
        #!/bin/sh
        here=$(dirname "$0")
        if [ "$1" = --version ]; then
            echo "envoy  version: 9e55809/1.40.0/Clean/RELEASE/BoringSSL"
            exit 0
        fi
        echo "$@" >"$here/arguments"
        while [ $# -gt 0 ]; do
            case $1 in
                -c) config=$2 ;;
                --admin-address-path) printf %s "$ADMIN" >"$2" ;;
            esac
            shift
        done
        stat -c %a "$config" "$(dirname "$config")" >"$here/modes"
        dirname "$config" >"$here/folder"
        cp "$config" "$here/bootstrap"
        trap 'echo TERM >>"$here/signals"; exit "${CODE:-0}"' TERM
        trap 'echo INT >>"$here/signals"' INT
        echo "envoy says hello"
        echo $$ >"$here/pid.tmp"
        mv "$here/pid.tmp" "$here/pid"
        [ -z "$END" ] || exit "$END"
        while :; do
            sleep 0.05
        done
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("proxy-run-");
    private readonly CertificateFiles _certificates = CertificateFiles.Make();
    private RecordingServer _server = null!;
    private RecordingServer _admin = null!;

    public async Task InitializeAsync()
    {
        (_server, _admin) = (await RecordingServer.StartAsync(_certificates.Server), await RecordingServer.StartAsync());
        _server.On("POST /bootstrap", 200, Answer);
        _server.On("POST /proxies/default/web-1/leave", _ => (200, "{}"));
        _admin.On("POST /drain_listeners?graceful&skip_exit", 200, "OK\n");
        Write("token", "aaa.bbb.ccc\n");
        Write("ca.pem", _certificates.AuthorityPem);
        Write("dataplane.yaml", """
            type: Dataplane
            mesh: default
            name: "{{ name }}"
            networking:
              address: 127.0.0.1
              inbound:
              - port: {{port}}
                servicePort: 9000
                tags:
                  kuma.io/service: web
            """);
        File.SetUnixFileMode(Write("envoy", Envoy), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _admin.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Envoy_gets_the_bootstrap_in_a_file_that_only_its_user_can_read_and_that_is_gone_afterwards()
    {
        using var meshctl = Run();
        await meshctl.UntilAsync(() => Noted("pid") is not null, "started Envoy");
        meshctl.Signal(Terminate);

        Assert.Equal(0, await meshctl.ExitCodeAsync());
        Assert.Equal("600\n700\n", Noted("modes"));
        Assert.Equal(Bootstrap, Noted("bootstrap"));
        Assert.Contains("envoy says hello", meshctl.Written, StringComparison.Ordinal);
        Assert.Matches("--drain-time-s 1 --disable-hot-restart --admin-address-path ", Noted("arguments"));
        Assert.False(Directory.Exists(Noted("folder")!.Trim()));
    }

    [Fact]
    public async Task The_control_plane_is_asked_as_kuma_dp_asks_it()
    {
        using var meshctl = Run(end: "0");
        Assert.Equal(0, await meshctl.ExitCodeAsync());

        var request = JsonNode.Parse(Assert.Single(_server.Requests, r => r.Request == "POST /bootstrap").Body)!.AsObject();
        Assert.Equal("default", Text("mesh"));
        Assert.Equal("web-1", Text("name"));
        Assert.Equal("dataplane", Text("proxyType"));
        Assert.Equal("aaa.bbb.ccc", Text("dataplaneToken"));
        Assert.Equal(_certificates.AuthorityPem, Text("caCert"));
        Assert.Equal("""{"version":"1.40.0","build":"9e55809/1.40.0/Clean/RELEASE/BoringSSL","kumaDpCompatible":true}""", request["version"]!["envoy"]!.ToJsonString());
        var dataplane = JsonNode.Parse(Text("dataplaneResource"))!;
        Assert.Equal("web-1", dataplane["name"]!.GetValue<string>());
        Assert.Equal(10000, dataplane["networking"]!["inbound"]![0]!["port"]!.GetValue<int>());

        string Text(string field) => request[field]!.GetValue<string>();
    }

    [Theory]
    [InlineData(Terminate)]
    [InlineData(Interrupt)]
    public async Task A_signal_first_withdraws_the_endpoints_then_drains_and_then_ends_Envoy(int signal)
    {
        var order = new List<string>();
        _server.On("POST /proxies/default/web-1/leave", request =>
        {
            lock (order)
                order.Add($"leave as {request.Authorization}, Envoy had {Noted("signals") ?? "no signal"}");
            return (200, "{}");
        });
        _admin.On("POST /drain_listeners?graceful&skip_exit", _ =>
        {
            lock (order)
                order.Add($"drain, Envoy had {Noted("signals") ?? "no signal"}");
            return (200, "OK\n");
        });
        using var meshctl = Run(code: "7");
        await meshctl.UntilAsync(() => Noted("pid") is not null, "started Envoy");
        meshctl.Signal(signal);

        Assert.Equal(7, await meshctl.ExitCodeAsync());
        Assert.Equal(["leave as Bearer aaa.bbb.ccc, Envoy had no signal", "drain, Envoy had no signal"], order);
        Assert.Equal("TERM\n", Noted("signals"));
    }

    [Fact]
    public async Task A_second_signal_ends_it_at_once()
    {
        using var meshctl = Run(drainTime: "1h");
        await meshctl.UntilAsync(() => Noted("pid") is not null, "started Envoy");
        meshctl.Signal(Terminate);
        await meshctl.UntilAsync(() => _admin.Requests.Count > 0, "began to drain");
        Assert.Null(Noted("signals"));
        meshctl.Signal(Terminate);

        Assert.Equal(0, await meshctl.ExitCodeAsync());
        Assert.Equal("TERM\n", Noted("signals"));
    }

    [Fact]
    public async Task A_control_plane_that_is_gone_does_not_hold_up_the_end()
    {
        using var meshctl = Run();
        await meshctl.UntilAsync(() => Noted("pid") is not null, "started Envoy");
        await _server.DisposeAsync();
        meshctl.Signal(Terminate);

        Assert.Equal(0, await meshctl.ExitCodeAsync());
        Assert.Contains("the control plane could not be told: nothing listens at https://127.0.0.1:", meshctl.Written, StringComparison.Ordinal);
        Assert.Single(_admin.Requests);
    }

    [Fact]
    public async Task The_exit_code_is_Envoys_when_it_ends_by_itself()
    {
        using var meshctl = Run(end: "3");

        Assert.Equal(3, await meshctl.ExitCodeAsync());
        Assert.DoesNotContain(_server.Requests, request => request.Request.EndsWith("/leave", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_exit_code_says_by_which_signal_Envoy_was_killed()
    {
        using var meshctl = Run();
        await meshctl.UntilAsync(() => Noted("pid") is not null, "started Envoy");
        Process.GetProcessById(int.Parse(Noted("pid")!, CultureInfo.InvariantCulture)).Kill();

        Assert.Equal(128 + Kill, await meshctl.ExitCodeAsync());
    }

    [SkippableFact]
    public async Task Envoy_does_not_outlive_a_meshctl_that_is_killed()
    {
        Skip.IfNot(File.Exists("/usr/bin/setpriv") && File.Exists("/usr/bin/setsid"), "needs setpriv and setsid");
        using var meshctl = Run();
        await meshctl.UntilAsync(() => Noted("pid") is not null, "started Envoy");
        var envoy = int.Parse(Noted("pid")!, CultureInfo.InvariantCulture);
        Assert.True(MeshctlProcess.IsAlive(envoy));
        meshctl.Signal(Kill);

        await meshctl.UntilAsync(() => Noted("signals") == "TERM\n", "told Envoy to end");
        Directory.Delete(Noted("folder")!.Trim(), recursive: true);
    }

    [Fact]
    public async Task A_control_plane_with_a_certificate_of_another_authority_is_refused_and_told_nothing()
    {
        Write("ca.pem", CertificateFiles.Make().AuthorityPem);
        using var meshctl = Run();

        Assert.Equal(1, await meshctl.ExitCodeAsync());
        Assert.Contains($"the certificate of {_server.Address.GetLeftPart(UriPartial.Authority)} is not trusted", meshctl.Written, StringComparison.Ordinal);
        AssertNothingHappened(meshctl);
    }

    [Fact]
    public async Task A_control_plane_without_an_authority_of_the_system_is_refused()
    {
        using var meshctl = Run(authorities: null);

        Assert.Equal(1, await meshctl.ExitCodeAsync());
        Assert.Contains("is not trusted", meshctl.Written, StringComparison.Ordinal);
        AssertNothingHappened(meshctl);
    }

    [Fact]
    public async Task A_certificate_for_another_address_is_refused()
    {
        var elsewhere = CertificateFiles.Make("192.0.2.1");
        Write("ca.pem", elsewhere.AuthorityPem);
        await _server.DisposeAsync();
        _server = await RecordingServer.StartAsync(elsewhere.Server);
        using var meshctl = Run();

        Assert.Equal(1, await meshctl.ExitCodeAsync());
        Assert.Contains("is not trusted", meshctl.Written, StringComparison.Ordinal);
        AssertNothingHappened(meshctl);
    }

    [Fact]
    public async Task A_control_plane_that_comes_up_late_is_waited_for()
    {
        var answers = 0;
        _server.On("POST /bootstrap", _ => Interlocked.Increment(ref answers) == 1
            ? (503, "not ready")
            : (200, Answer));
        using var meshctl = Run(patience: "60s", end: "0");

        Assert.Equal(0, await meshctl.ExitCodeAsync());
        Assert.Contains("answered 503: not ready Trying again.", meshctl.Written, StringComparison.Ordinal);
        Assert.Equal(Bootstrap, Noted("bootstrap"));
    }

    [Fact]
    public async Task A_signal_ends_the_wait_for_a_control_plane()
    {
        _server.On("POST /bootstrap", 503, "not ready");
        using var meshctl = Run(patience: "1h");
        await meshctl.UntilAsync(() => _server.Requests.Count > 0, "asked for a bootstrap");
        meshctl.Signal(Terminate);

        Assert.Equal(128 + Terminate, await meshctl.ExitCodeAsync());
        AssertNothingHappened(meshctl);
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_control_planes_words_and_without_the_token()
    {
        _server.On("POST /bootstrap", 401, """{"title":"Unauthenticated","detail":"the token is for another mesh"}""");
        using var meshctl = Run();

        Assert.Equal(1, await meshctl.ExitCodeAsync());
        Assert.Contains("error: Unauthenticated: the token is for another mesh", meshctl.Written, StringComparison.Ordinal);
        Assert.DoesNotContain("aaa.bbb.ccc", meshctl.Written, StringComparison.Ordinal);
        AssertNothingHappened(meshctl);
    }

    [Theory]
    [InlineData("""{"bootstrap":"not base64!"}""")]
    [InlineData("""{"bootstrap":7}""")]
    [InlineData("""{}""")]
    [InlineData("hello")]
    public async Task An_answer_without_a_bootstrap_starts_nothing(string answer)
    {
        _server.On("POST /bootstrap", 200, answer);
        using var meshctl = Run();

        Assert.Equal(1, await meshctl.ExitCodeAsync());
        Assert.Contains("answered /bootstrap with no bootstrap", meshctl.Written, StringComparison.Ordinal);
        AssertNothingHappened(meshctl);
    }

    [Fact]
    public async Task A_dataplane_that_is_not_valid_is_not_sent()
    {
        Write("dataplane.yaml", "type: Dataplane\nmesh: default\nname: web-1\nnetworking:\n  address: 127.0.0.1\n  inbound:\n  - port: 70000\n    tags: {kuma.io/service: web}\n");
        using var meshctl = Run();

        Assert.Equal(1, await meshctl.ExitCodeAsync());
        Assert.Contains("networking.inbound[0].port", meshctl.Written, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("dataplane.yaml", "type: Mesh\nname: default\n", "holds a Mesh; expected a Dataplane")]
    [InlineData("dataplane.yaml", "type: Mesh\nname: a\n---\ntype: Mesh\nname: b\n", "holds several documents")]
    [InlineData("dataplane.yaml", "name: {{ missing }} {{also}}", "needs a value for also, missing; give it by --dataplane-var")]
    [InlineData("token", " \n", "is empty; expected a token")]
    [InlineData("ca.pem", "hello", "holds no PEM certificate")]
    [InlineData("envoy", "#!/bin/sh\necho something else", "does not answer as Envoy does")]
    public async Task Files_that_will_not_do_are_named(string file, string content, string expected)
    {
        Write(file, content);
        using var meshctl = Run();

        Assert.Equal(1, await meshctl.ExitCodeAsync());
        Assert.Contains(expected, meshctl.Written, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task An_Envoy_that_the_environment_misnames_is_an_error_and_no_other_is_taken()
    {
        using var meshctl = MeshctlProcess.Start(Arguments(), new Dictionary<string, string> { ["ENVOY"] = Path.Combine(_folder.FullName, "none") });

        Assert.Equal(1, await meshctl.ExitCodeAsync());
        Assert.Contains("ENVOY is set to", meshctl.Written, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("path")]
    [InlineData("cache")]
    public async Task Envoy_is_found_on_the_path_and_in_the_cache(string where)
    {
        var cache = Directory.CreateDirectory(Path.Combine(_folder.FullName, "orleansmesh", "envoy-1.40.0"));
        File.Copy(Path.Combine(_folder.FullName, "envoy"), Path.Combine(cache.FullName, "envoy"));
        var path = Environment.GetEnvironmentVariable("PATH")!;
        if (where == "path")
            path = $"{_folder.FullName}:{path}";
        else
            Skip.If(path.Split(':').Any(folder => File.Exists(Path.Combine(folder, "envoy"))), "there is another Envoy on PATH");
        using var meshctl = MeshctlProcess.Start(
            Arguments(),
            new Dictionary<string, string> { ["PATH"] = path, ["XDG_CACHE_HOME"] = _folder.FullName, ["END"] = "5" });

        Assert.Equal(5, await meshctl.ExitCodeAsync());
        Assert.True(File.Exists(Path.Combine(where == "path" ? _folder.FullName : cache.FullName, "pid")));
    }

    private void AssertNothingHappened(MeshctlProcess meshctl)
    {
        Assert.True(Noted("arguments") is null, meshctl.Written);
        Assert.DoesNotContain(_server.Requests, request => request.Request.EndsWith("/leave", StringComparison.Ordinal));
    }

    /// <param name="code">Envoy's exit code when it gets SIGTERM.</param>
    /// <param name="end">Envoy's exit code when it is to end by itself at once.</param>
    private MeshctlProcess Run(string drainTime = "100ms", string patience = "0s", string? authorities = "ca.pem", string code = "0", string end = "")
        => MeshctlProcess.Start(
            [.. Arguments(drainTime, patience, authorities), "--envoy", Path.Combine(_folder.FullName, "envoy")],
            new Dictionary<string, string> { ["ADMIN"] = _admin.Address.Authority, ["CODE"] = code, ["END"] = end });

    private string[] Arguments(string drainTime = "100ms", string patience = "0s", string? authorities = "ca.pem")
    {
        string[] arguments =
        [
            "proxy", "run", "--dataplane-file", Path.Combine(_folder.FullName, "dataplane.yaml"), "--token-file", Path.Combine(_folder.FullName, "token"),
            "--cp-address", _server.Address.ToString(), "--dataplane-var", "name=web-1", "--dataplane-var", "port=10000",
            "--drain-time", drainTime, "--wait-for-cp", patience,
        ];
        return authorities is null ? arguments : [.. arguments, "--ca-cert-file", Path.Combine(_folder.FullName, authorities)];
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string? Noted(string name)
    {
        var path = Path.Combine(_folder.FullName, name);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }
}
