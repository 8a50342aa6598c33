namespace OrleansMesh.Demo;

/// <summary>A service's proxy: its ports, and how it is started.</summary>
/// <param name="Service">The service's name; its Dataplane is <c>{service}-1</c>.</param>
/// <param name="WorkloadPort">Where the service listens.</param>
/// <param name="Calls">The service that it calls; null: none.</param>
internal sealed record Sidecar(string Service, int WorkloadPort, string? Calls)
{
    public string Name => $"{Service}-1";

    /// <summary>Where other proxies reach the service.</summary>
    public int InboundPort { get; } = Stage.FreePort();

    /// <summary>Where the service reaches <see cref="Calls"/>.</summary>
    public int OutboundPort { get; } = Stage.FreePort();

    private int AdminPort { get; } = Stage.FreePort();

    public async Task StartAsync(Stage stage, ControlPlane controlPlane, string envoy, CancellationToken cancellation)
    {
        var token = await controlPlane.RunAsync(
            ["generate", "dataplane-token", "--name", Name, "--tag", $"kuma.io/service={Service}", "--valid-for", "1h"], cancellation: cancellation);
        stage.Run(
            $"{Service}-proxy",
            Path.Combine(AppContext.BaseDirectory, "meshctl.dll"),
            "proxy",
            "run",
            "--dataplane-file",
            stage.Write($"{Name}.yaml", Dataplane()),
            "--token-file",
            stage.Write($"{Name}.token", token),
            "--cp-address",
            $"https://127.0.0.1:{controlPlane.DpServerPort}",
            "--ca-cert-file",
            controlPlane.AuthorityFile,
            "--envoy",
            envoy,
            "--drain-time",
            "0s");
    }

    private string Dataplane()
    {
        var outbound = Calls is null ? "" : $$"""

              outbound:
              - port: {{OutboundPort}}
                tags:
                  kuma.io/service: {{Calls}}
            """;
        return $$"""
            type: Dataplane
            mesh: default
            name: {{Name}}
            networking:
              address: 127.0.0.1
              admin:
                port: {{AdminPort}}
              inbound:
              - port: {{InboundPort}}
                servicePort: {{WorkloadPort}}
                tags:
                  kuma.io/service: {{Service}}
                  kuma.io/protocol: http{{outbound}}
            """;
    }
}
