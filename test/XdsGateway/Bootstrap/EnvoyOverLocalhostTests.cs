using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Translation.Tests;
using OrleansMesh.XdsGateway.Bootstrap;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Bootstrap;

/// <summary>The real Envoy, told to find the control plane by a name that means several addresses, of which the control plane has one.</summary>
public sealed class EnvoyOverLocalhostTests
{
    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task EnvoyFindsTheControlPlaneUnderLocalhost()
    {
        Skip.If(EnvoyBinary.Path is null && Environment.GetEnvironmentVariable("CI") is null, "there is no Envoy");
        using var certificate = ServerCertificate();
        var options = new XdsGatewayOptions { ServerAuthorityPem = certificate.ExportCertificatePem(), DefaultAdminPort = 0 };
        await using var gateway = await Gateway.StartAsync(certificate, options);
        var backend = gateway.World.Proxy("backend-1");
        backend.View = Views.Of("backend-1") with { Inbounds = [] };
        var request = new BootstrapRequest
        {
            Mesh = "default",
            Name = "backend-1",
            DataplaneToken = gateway.World.Key.Token("backend-1"),
            DataplaneResource = Views.DataplaneText("backend-1"),
        };
        var bootstrap = BootstrapBuilder.Build(request, Views.Dataplane("backend-1"), [new("localhost", gateway.Port)], options.ServerAuthorityPem, options);

        using var envoy = Start(bootstrap);
        try
        {
            // It has taken its listeners: the stream stands, and carries.
            await Eventually.HoldsAsync(() => backend.Count("listening") == 1 || envoy.HasExited, "Envoy is connected");
            Assert.False(envoy.HasExited);
        }
        finally
        {
            envoy.Kill();
            await envoy.WaitForExitAsync();
        }
    }

    private static Process Start(string bootstrap)
    {
        var start = new ProcessStartInfo(EnvoyBinary.Path!) { RedirectStandardError = true };
        foreach (var argument in (string[])["--disable-hot-restart", "--concurrency", "1", "--log-level", "off", "--config-yaml", bootstrap])
            start.ArgumentList.Add(argument);
        var envoy = Process.Start(start)!;
        envoy.BeginErrorReadLine();
        return envoy;
    }

    private static X509Certificate2 ServerCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=control plane", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
