namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>The documents that the tests apply.</summary>
internal static class Resources
{
    /// <summary>A mesh with mutual TLS, in the form in which operators write it.</summary>
    public static string MeshWithMtls(string name, string certificateLifetime = "1d") => $"""
        apiVersion: kuma.io/v1alpha1
        kind: Mesh
        metadata:
          name: {name}
        spec:
          mtls:
            enabledBackend: ca-1
            backends:
            - name: ca-1
              type: builtin
              dpCert:
                rotation:
                  expiration: {certificateLifetime}
              conf:
                caCert:
                  RSAbits: 2048
                  expiration: 10y
        """;

    public static string Permission(string name, string source, string destination, string mesh = "default") => $"""
        apiVersion: kuma.io/v1alpha1
        kind: TrafficPermission
        mesh: {mesh}
        metadata:
          name: {name}
        spec:
          sources:
          - match:
              kuma.io/service: "{source}"
          destinations:
          - match:
              kuma.io/service: "{destination}"
        """;

    public static string PermissionPath(string name, string mesh = "default") => $"/meshes/{mesh}/traffic-permissions/{name}";
}
