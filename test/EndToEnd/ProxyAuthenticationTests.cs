using System.Net;
using Envoy.Service.Discovery.V3;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>A proxy that cannot prove what it is gets nothing, learns nothing, and is in the log.</summary>
[Trait("Category", "Slow")]
public sealed class ProxyAuthenticationTests : IAsyncLifetime
{
    private const int Unauthenticated = 16;
    private const string PublicWords = "authentication failed";

    private readonly SidecarSpec _web = new SidecarSpec("web-1", "web", 9).Calling("backend");
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartAsync();
        await _server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await _server.ApplyAsync("/meshes/other", Resources.MeshWithMtls("other"));
        await _server.ApplyAsync("/meshes/default/dataplanes/secret-1", new SidecarSpec("secret-1", "secret", 9).Json);
        await _server.TokenAsync("someone");
    }

    public Task DisposeAsync() => _server.DisposeAsync().AsTask();

    [Fact]
    public Task No_token() => IsRefused(null, "no token");

    [Fact]
    public async Task A_token_of_another_mesh() => await IsRefused(await _server.TokenAsync("web-1", "other", "web"), "signature", "key");

    [Fact]
    public async Task A_token_that_has_expired()
    {
        var token = await _server.TokenAsync("web-1", service: "web", validFor: "1s");
        await Eventually.BecomesTrue("the token has expired, beyond the allowance for clocks that differ", async () =>
        {
            using var bootstrap = await Sidecar.PostBootstrapAsync(_server, _web, token);
            return !bootstrap.IsSuccessStatusCode;
        });
        await IsRefused(token, "expired");
    }

    [Fact]
    public async Task A_token_for_another_name() => await IsRefused(await _server.TokenAsync("web-2", service: "web"), "'web-2'");

    [Fact]
    public async Task A_token_for_another_service() => await IsRefused(await _server.TokenAsync("web-1", service: "backend"), "kuma.io/service");

    [Fact]
    public async Task A_token_whose_signature_was_changed()
    {
        var token = await _server.TokenAsync("web-1", service: "web");
        var at = token.LastIndexOf('.') + 10;
        await IsRefused(token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..], "signature");
    }

    [Fact]
    public async Task A_token_that_no_key_signed()
    {
        var token = await _server.TokenAsync("web-1", service: "web");
        var header = Convert.ToBase64String("{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"1\"}"u8).TrimEnd('=');
        await IsRefused($"{header}.{token.Split('.')[1]}.", "token");
    }

    [Fact]
    public async Task The_right_token_is_taken()
    {
        var token = await _server.TokenAsync("web-1", service: "web");
        await using var client = XdsClient.Connect(_server, token);
        await client.SendAsync(new DeltaDiscoveryRequest { Node = XdsClient.NodeOf(_web), TypeUrl = XdsClient.ClusterType });

        var response = await client.ReceiveAsync();

        Assert.Contains(response!.Resources, r => r.Name == "backend");
    }

    /// <summary>Refused by both doors, with the same words whatever the reason, and with the reason in the log.</summary>
    private async Task IsRefused(string? token, params string[] oneOfTheseInTheLog)
    {
        using var bootstrap = await Sidecar.PostBootstrapAsync(_server, _web, token ?? "");
        Assert.Equal(HttpStatusCode.Unauthorized, bootstrap.StatusCode);
        Assert.Equal(PublicWords, await bootstrap.Content.ReadAsStringAsync());

        await using var client = XdsClient.Connect(_server, token);
        await client.SendAsync(new DeltaDiscoveryRequest { Node = XdsClient.NodeOf(_web), TypeUrl = XdsClient.ClusterType });
        Assert.Equal((Unauthenticated, PublicWords), await client.StatusAsync());

        await Eventually.BecomesTrue(
            $"the log gives the reason ({string.Join(" or ", oneOfTheseInTheLog)})",
            () => Task.FromResult(_server.Log.Split('\n').Any(line => line.Contains("web-1", StringComparison.Ordinal)
                && oneOfTheseInTheLog.Any(reason => line.Contains(reason, StringComparison.Ordinal)))),
            TimeSpan.FromSeconds(10),
            () => _server.Log);
        if (token is not null)
            Assert.DoesNotContain(token, _server.Log, StringComparison.Ordinal);
        Assert.Equal(1, (await _server.GetAsync("/meshes/default/dataplanes"))["total"]!.GetValue<int>());
    }
}
