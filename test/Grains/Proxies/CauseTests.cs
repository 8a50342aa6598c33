using System.Security.Cryptography;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;

namespace OrleansMesh.Grains.Tests.Proxies;

/// <summary>Whatever happens to a proxy says who did it and what for.</summary>
public sealed class CauseTests : IAsyncLifetime
{
    private readonly RecordingSession _session = new();
    private TestServer _server = null!;

    private IProxyGrain Api => _server.Grains.GetGrain<IProxyGrain>("default/api-1");

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Every_event_of_a_proxys_life_has_an_actor_and_a_cause()
    {
        var mesh = _server.Grains.GetGrain<IMeshGrain>("default");
        await mesh.ApplyMesh(SecureMesh, Operator);
        await Api.Connect(
            Connection("s1", Dataplane("api-1", "api", "tcp")),
            _server.Grains.CreateObjectReference<IProxySessionObserver>(_session),
            new Caller("proxy:default/api-1", Causes.Session("s1")));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await Api.IssueCertificate("s1", ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()));
        await Api.ReportListening("s1");
        await Api.ReportRejected("s1", new ConfigurationRejection("type", ["listener"], "no such filter"));
        await Api.ReportAccepted("s1", "type");
        await mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        await Eventually.HoldsAsync(
            async () => (await CausesAsync("proxy/default/api-1")).Contains("proxy.tcp-sources-set system event:mesh/default@2"), "who may call is recorded");
        await Api.Disconnect("s1");
        _server.Time.Advance(TimeSpan.FromSeconds(10));
        await Eventually.HoldsAsync(
            async () => (await CausesAsync("proxy/default/api-1")).Any(e => e.StartsWith("dataplane.deleted", StringComparison.Ordinal)), "the Dataplane goes");

        var proxy = await CausesAsync("proxy/default/api-1");
        foreach (var type in new[] { "dataplane.created", "proxy.connected", "proxy.certificate-issued", "proxy.listening", "proxy.configuration-rejected", "proxy.configuration-accepted" })
            Assert.Contains($"{type} proxy:default/api-1 session:s1", proxy);
        Assert.Contains("proxy.disconnected system session:s1", proxy);
        Assert.Contains(proxy, e => e.StartsWith("dataplane.deleted system event:proxy/default/api-1@", StringComparison.Ordinal));
        Assert.Equal(["service.endpoints-set proxy:default/api-1 session:s1"], (await CausesAsync("service/default/api"))[..1]);
        Assert.Equal(["authority.created proxy:default/api-1 session:s1"], await CausesAsync("ca/default/ca-1"));
        await foreach (var recorded in _server.Store.ReadAllAsync())
            Assert.NotEqual("", recorded.Context.Cause);
    }

    private async Task<List<string>> CausesAsync(string stream)
    {
        var found = new List<string>();
        await foreach (var recorded in _server.Store.ReadStreamAsync(stream))
            found.Add($"{recorded.Type} {recorded.Context.Actor} {recorded.Context.Cause}");
        return found;
    }
}
