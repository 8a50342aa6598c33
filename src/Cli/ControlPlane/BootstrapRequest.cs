using System.Text.Json.Nodes;
using OrleansMesh.Cli.Proxies;

namespace OrleansMesh.Cli.ControlPlane;

/// <summary>What is posted to <c>/bootstrap</c>, with the fields that <c>kuma-dp</c> 2.14 sends.</summary>
/// <param name="Dataplane">The Dataplane in universal form, JSON.</param>
/// <param name="Authorities">PEM certificates by which Envoy is to verify the control plane; null: those of the system.</param>
/// <param name="WorkFolder">A folder for the proxy's own files.</param>
internal sealed record BootstrapRequest(string Mesh, string Name, string Dataplane, string Token, string TokenFile, EnvoyBuild Envoy, string? Authorities, string WorkFolder)
{
    /// <summary>Where Envoy may reach the control plane's servers; none: only where this is posted.</summary>
    public IReadOnlyList<Uri> ControlPlanes { get; init; } = [];

    /// <summary>Where distributions keep the bundle of the system's authorities.</summary>
    private static readonly string[] SystemBundles =
    [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
    ];

    public string ToJson()
        => new JsonObject
        {
            ["mesh"] = Mesh,
            ["name"] = Name,
            ["proxyType"] = "dataplane",
            ["dataplaneToken"] = Token,
            ["dataplaneTokenPath"] = TokenFile,
            ["dataplaneResource"] = Dataplane,
            ["version"] = new JsonObject
            {
                ["kumaDp"] = new JsonObject { ["version"] = Meshctl.Version, ["gitTag"] = "unknown", ["gitCommit"] = "unknown", ["buildDate"] = "unknown" },
                ["envoy"] = new JsonObject { ["version"] = Envoy.Version, ["build"] = Envoy.Build, ["kumaDpCompatible"] = true },
            },
            ["caCert"] = Authorities ?? "",
            ["controlPlanes"] = new JsonArray([.. ControlPlanes.Select(address => JsonValue.Create(address.GetLeftPart(UriPartial.Authority)))]),
            ["dynamicMetadata"] = new JsonObject(),
            ["operatingSystem"] = OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "darwin" : "windows",
            ["features"] = new JsonArray(),
            ["workdir"] = WorkFolder,
            ["systemCaPath"] = SystemBundles.FirstOrDefault(File.Exists) ?? "",
        }.ToJsonString();
}
