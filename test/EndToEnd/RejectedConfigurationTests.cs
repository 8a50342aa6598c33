using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Rbac.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>Envoy refuses a resource: what it had before stays in force, and an operator reads why in Envoy's own words.</summary>
[Trait("Category", "Slow")]
public sealed class RejectedConfigurationTests
{
    private const string ExtensionType = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

    [SkippableFact]
    public async Task What_envoy_refuses_changes_nothing_and_is_shown_in_its_own_words()
    {
        Checkout.Envoy();
        await using var server = await ServerProcess.StartAsync();
        await server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await using var echo = await EchoService.StartAsync("backend-1");
        var spec = new SidecarSpec("backend-1", "backend", echo.Port);
        await using var relay = await XdsRelay.StartAsync(server, await server.TokenAsync("backend-1"));
        await using var backend = await Sidecar.StartAsync(server, spec, relay: relay);
        await backend.ListensAsync();
        await using var web = await Workload.StartAsync(server, "web-1", "web", "backend");
        using var client = new HttpClient { BaseAddress = web.Sidecar.Spec.To("backend") };
        await server.ApplyAsync(Resources.PermissionPath("web-to-backend"), Resources.Permission("web-to-backend", "web", "backend"));
        await Eventually.BecomesTrue("web may call", async () => (await client.GetAsync("/")).StatusCode == HttpStatusCode.OK);

        relay.Change = MakeUnacceptable;
        await server.DeleteAsync(Resources.PermissionPath("web-to-backend"));

        string inspected = "";
        await Eventually.BecomesTrue("the rejection is shown", async () =>
        {
            inspected = await Meshctl.RunAsync(server, "inspect", "dataplane", "backend-1");
            return inspected.Contains("not_an_identity", StringComparison.Ordinal) || inspected.Contains("repetition", StringComparison.OrdinalIgnoreCase)
                || inspected.Contains("no argument for repetition operator", StringComparison.OrdinalIgnoreCase);
        }, explain: () => inspected + backend.Log);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);

        // The next change is taken again, and the rejection is history.
        relay.Change = null;
        await server.ApplyAsync(Resources.PermissionPath("third-to-backend"), Resources.Permission("third-to-backend", "third", "backend"));
        await Eventually.BecomesTrue("web is refused", async () => (await client.GetAsync("/")).StatusCode == HttpStatusCode.Forbidden);
        await Eventually.BecomesTrue("no rejection is shown", async () =>
            (await server.GetAsync("/meshes/default/dataplanes/backend-1/_inspect"))["rejections"]!.AsArray().Count == 0);
    }

    /// <summary>A permission with a regular expression that is none.</summary>
    private static void MakeUnacceptable(DeltaDiscoveryResponse response)
    {
        if (response.TypeUrl != ExtensionType)
            return;
        foreach (var resource in response.Resources)
        {
            var extension = resource.Resource_.Unpack<TypedExtensionConfig>();
            extension.TypedConfig = Any.Pack(new Envoy.Extensions.Filters.Http.Rbac.V3.RBAC
            {
                Rules = new Envoy.Config.Rbac.V3.RBAC
                {
                    Policies =
                    {
                        ["broken"] = new Policy
                        {
                            Permissions = { new Permission { Any = true } },
                            Principals =
                            {
                                new Principal
                                {
                                    Authenticated = new Principal.Types.Authenticated
                                    {
                                        PrincipalName = new StringMatcher { SafeRegex = new RegexMatcher { Regex = "*not_an_identity" } },
                                    },
                                },
                            },
                        },
                    },
                },
            });
            resource.Resource_ = Any.Pack(extension);
        }
    }
}
