using System.Net;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>A fleet is migrated: plain and mutual TLS are accepted side by side, and said so, until the mesh is strict.</summary>
[Trait("Category", "Slow")]
public sealed class PermissiveModeTests : IAsyncLifetime
{
    private const string Permissive = """{"type": "Mesh", "name": "default", "mtls": {"enabledBackend": "ca-1", "backends": [{"name": "ca-1", "type": "builtin", "mode": "PERMISSIVE"}]}}""";

    private TwoServices _services = null!;

    public async Task InitializeAsync() => _services = await TwoServices.StartAsync(Permissive);

    public async Task DisposeAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
    }

    [SkippableFact]
    public async Task Plain_and_tls_are_let_in_while_permissive_and_only_tls_when_strict()
    {
        using var plain = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_services.Backend.Sidecar.Spec.InboundPort}") };
        Assert.Equal("backend-1", await plain.GetStringAsync("/plain"));
        Assert.Null(_services.Backend.Service.Seen.Single(r => r.Path == "/plain").ClientCertificate);

        // A plain caller cannot claim an identity, and one with an identity is held to the permissions.
        using (var forged = new HttpRequestMessage(HttpMethod.Get, "/forged"))
        {
            forged.Headers.Add("x-forwarded-client-cert", "URI=spiffe://default/admin");
            using var taken = await plain.SendAsync(forged);
            Assert.Null(_services.Backend.Service.Seen.Single(r => r.Path == "/forged").ClientCertificate);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await _services.ToBackend.GetAsync("/")).StatusCode);
        await _services.PermitAsync();
        await Eventually.BecomesTrue("TLS is let in", async () => (await _services.ToBackend.GetAsync("/tls")).StatusCode == HttpStatusCode.OK);
        Assert.Contains("URI=spiffe://default/web", _services.Backend.Service.Seen.Last(r => r.Path == "/tls").ClientCertificate, StringComparison.Ordinal);

        Assert.Contains("PERMISSIVE", (await _services.Server.GetAsync("/mesh-insights/default"))["mTLS"]!["permissive"]!.GetValue<string>(), StringComparison.Ordinal);
        using (var diagnostics = new HttpClient())
        {
            var metrics = await diagnostics.GetStringAsync($"http://127.0.0.1:{_services.Server.DiagnosticsPort}/metrics");
            Assert.Contains("orleansmesh_mesh_permissive{mesh=\"default\"} 1\n", metrics, StringComparison.Ordinal);
        }

        await _services.Server.RestartAsync();
        await Eventually.BecomesTrue(
            "the start says so", () => Task.FromResult(_services.Server.Log.Contains("mesh 'default' is PERMISSIVE", StringComparison.Ordinal)), explain: () => _services.Server.Log);

        await _services.Server.ApplyAsync("/meshes/default", Permissive.Replace("PERMISSIVE", "STRICT", StringComparison.Ordinal));
        await Eventually.BecomesTrue("plain is refused", async () =>
        {
            using var fresh = new HttpClient { BaseAddress = plain.BaseAddress };
            return await Record.ExceptionAsync(() => fresh.GetAsync("/")) is HttpRequestException;
        });
        Assert.Equal(HttpStatusCode.OK, (await _services.ToBackend.GetAsync("/")).StatusCode);
    }
}
