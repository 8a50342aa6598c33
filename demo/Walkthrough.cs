using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansMesh.Cli.Proxies;

namespace OrleansMesh.Demo;

/// <summary>The story: denied, allowed, denied again.</summary>
internal sealed class Walkthrough(Stage stage, Narrator narrator)
{
    private const string Mesh = """
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
        """;

    private const string Permission = """
        apiVersion: kuma.io/v1alpha1
        kind: TrafficPermission
        mesh: default
        metadata:
          name: web-to-backend
        spec:
          sources:
          - match:
              kuma.io/service: web
          destinations:
          - match:
              kuma.io/service: backend
        """;

    private ControlPlane _controlPlane = null!;
    private Sidecar _webProxy = null!;
    private Sidecar _backendProxy = null!;
    private WebService _web = null!;
    private BackendService _backend = null!;
    private int _connectionsOpened;

    /// <exception cref="StepFailedException">A step did not show what it was meant to show.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        narrator.Open("OrleansMesh", "Two services, each behind an Envoy. Nothing may call anything until you say so.");
        var envoy = await FindEnvoyAsync(cancellation);
        await StartControlPlaneAsync(cancellation);
        await TurnOnMutualTlsAsync(cancellation);
        await StartServicesAsync(envoy, cancellation);
        await CallWithoutPermissionAsync(cancellation);
        await KnockPastTheProxyAsync(cancellation);
        await AllowAsync(cancellation);
        await WithdrawAsync(cancellation);
        narrator.Close($"Denied, allowed, denied again, on one connection. That took {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
    }

    /// <summary>Tells where everything is, for a person who wants to go on by hand.</summary>
    public void ShowAddresses()
    {
        narrator.Close("Everything keeps running until Ctrl-C.");
        narrator.Table(["", ""],
        [
            ["control plane", $"{_controlPlane.Api}   (export ORLEANSMESH_SERVER={_controlPlane.Api})"],
            ["have web call backend", $"curl http://127.0.0.1:{_web.Port}/"],
            ["who may call backend", "dotnet run --project src/Cli -- inspect dataplane backend-1"],
            ["permission", $"dotnet run --project src/Cli -- apply -f {stage.Write("permission.yaml", Permission)}"],
            ["logs and data", stage.Folder],
        ]);
    }

    private async Task<string> FindEnvoyAsync(CancellationToken cancellation)
    {
        narrator.Step("Envoy");
        var envoy = await EnvoyBinary.FindOrFetchAsync(narrator.Quote, cancellation);
        narrator.Good($"Envoy {(await EnvoyBinary.BuildOfAsync(envoy, cancellation)).Version}: {envoy}");
        return envoy;
    }

    private async Task StartControlPlaneAsync(CancellationToken cancellation)
    {
        narrator.Step("The control plane starts: one process, its data in one folder");
        var began = Stopwatch.GetTimestamp();
        _controlPlane = await ControlPlane.StartAsync(stage, narrator, cancellation);
        narrator.Good($"ready after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s: REST at {_controlPlane.Api}, proxies at 127.0.0.1:{_controlPlane.DpServerPort}, data in {_controlPlane.Data}");
    }

    private async Task TurnOnMutualTlsAsync(CancellationToken cancellation)
    {
        narrator.Step("The mesh gets mutual TLS, and no permission");
        narrator.Quote(Mesh);
        await _controlPlane.ShowAsync("meshctl apply -f mesh.yaml", ["apply", "-f", "-"], Mesh, cancellation);
    }

    private async Task StartServicesAsync(string envoy, CancellationToken cancellation)
    {
        narrator.Step("Two services start, each with a proxy that proves by a token what it is");
        _backend = stage.Owns(await BackendService.StartAsync());
        _web = stage.Owns(await WebService.StartAsync());
        _backendProxy = new Sidecar("backend", _backend.Port, Calls: null);
        _webProxy = new Sidecar("web", _web.Port, Calls: "backend");
        _web.CallThrough(_webProxy.OutboundPort);
        await Task.WhenAll(_backendProxy.StartAsync(stage, _controlPlane, envoy, cancellation), _webProxy.StartAsync(stage, _controlPlane, envoy, cancellation));
        await stage.EventuallyAsync("both proxies have their certificates", async () => await HasCertificateAsync(_webProxy) && await HasCertificateAsync(_backendProxy) ? "yes" : null, cancellation);
        narrator.Table(["service", "listens on", "its proxy takes calls on", "and makes calls on"],
        [
            ["web", $"127.0.0.1:{_web.Port}", $"127.0.0.1:{_webProxy.InboundPort}", $"127.0.0.1:{_webProxy.OutboundPort} (to backend)"],
            ["backend", $"127.0.0.1:{_backend.Port}", $"127.0.0.1:{_backendProxy.InboundPort}", ""],
        ]);
        await _controlPlane.ShowAsync("meshctl inspect dataplanes", ["inspect", "dataplanes"], cancellation: cancellation);

        async Task<bool> HasCertificateAsync(Sidecar proxy)
            => (await _controlPlane.InspectAsync(proxy.Name, cancellation))?["certificate"] is not null;
    }

    private async Task CallWithoutPermissionAsync(CancellationToken cancellation)
    {
        narrator.Step("web calls backend: nobody has allowed it");
        var answer = await AnswerAsync("web's proxy knows where backend is", status => status is not 503, cancellation);
        Expect(answer.Status == 403, $"the call was answered {answer.Status} ({answer.Body}); expected 403");
        Expect(_backend.Requests == 0, $"backend saw {_backend.Requests} requests; expected none");
        narrator.Good($"{answer.Status} {answer.Body}");
        narrator.Good("backend saw nothing of it");
        _connectionsOpened = _web.Connections.Count;
    }

    private async Task KnockPastTheProxyAsync(CancellationToken cancellation)
    {
        narrator.Step("Somebody speaks plain HTTP to backend's inbound port");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        var received = await KnockAsync(_backendProxy.InboundPort, patience.Token);
        Expect(!received.Contains("HTTP/", StringComparison.Ordinal), $"the port answered: {received}; expected no HTTP at all");
        Expect(_backend.Requests == 0, $"backend saw {_backend.Requests} requests; expected none");
        narrator.Good("no answer: the connection was closed, without a certificate of the mesh there is nothing to talk about");
    }

    private async Task AllowAsync(CancellationToken cancellation)
    {
        narrator.Step("A permission: web may call backend");
        narrator.Quote(Permission);
        await _controlPlane.ShowAsync("meshctl apply -f permission.yaml", ["apply", "-f", "-"], Permission, cancellation);
        var began = Stopwatch.GetTimestamp();
        var answer = await AnswerAsync("the permission is in force", status => status is not 403, cancellation);
        var took = Stopwatch.GetElapsedTime(began);
        Expect(answer is { Status: 200, Body: "hello, spiffe://default/web" }, $"the call was answered {answer.Status} ({answer.Body}); expected 200 and the caller's identity spiffe://default/web");
        narrator.Good($"{answer.Status} \"{answer.Body}\", {took.TotalMilliseconds:0} ms after the permission was stored");
        narrator.Good("that name is what backend received in x-forwarded-client-cert: proven by web's certificate, not claimed by web");
        await _controlPlane.ShowAsync("meshctl inspect dataplane backend-1", ["inspect", "dataplane", "backend-1"], cancellation: cancellation);
    }

    private async Task WithdrawAsync(CancellationToken cancellation)
    {
        narrator.Step("The permission is withdrawn, while web's connection stays open");
        var before = _backend.Requests;
        await _controlPlane.ShowAsync("meshctl delete traffic-permission web-to-backend", ["delete", "traffic-permission", "web-to-backend"], cancellation: cancellation);
        var began = Stopwatch.GetTimestamp();
        var answer = await AnswerAsync("the withdrawal is in force", status => status is not 200, cancellation);
        var took = Stopwatch.GetElapsedTime(began);
        Expect(answer.Status == 403, $"the call was answered {answer.Status} ({answer.Body}); expected 403");
        narrator.Good($"{answer.Status} {answer.Body}, {took.TotalMilliseconds:0} ms after the permission was deleted; calls still let through meanwhile: {_backend.Requests - before}");
        var opened = _web.Connections.Count - _connectionsOpened;
        Expect(opened == 0, $"web opened {opened} further connections to its proxy since it was first refused; expected all calls on one");
        narrator.Good($"refused, allowed and refused on one connection, 127.0.0.1:{_web.Connections[^1]} → 127.0.0.1:{_webProxy.OutboundPort}, never closed in between");
    }

    /// <summary>Has web call backend until the answer is one that is waited for.</summary>
    private Task<Answer> AnswerAsync(string what, Func<int, bool> isAwaited, CancellationToken cancellation)
        => stage.EventuallyAsync(
            what,
            async () => await _web.CallBackendAsync(cancellation) is { } answer && isAwaited(answer.Status) ? answer : null,
            cancellation);

    /// <summary>What comes back for a plain HTTP request until the connection ends.</summary>
    private static async Task<string> KnockAsync(int port, CancellationToken cancellation)
    {
        var received = new MemoryStream();
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellation);
            await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nhost: backend\r\n\r\n"u8.ToArray(), cancellation);
            await client.GetStream().CopyToAsync(received, cancellation);
        }
        catch (IOException)
        {
        }
        catch (OperationCanceledException)
        {
            throw new StepFailedException("the connection was neither answered nor closed in 10 s; expected it to be closed");
        }

        return Encoding.Latin1.GetString(received.ToArray());
    }

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
            throw new StepFailedException(otherwise);
    }
}
