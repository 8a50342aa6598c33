using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Silo.Hosting;

/// <summary>What has to be said wherever a mesh shows whose mutual TLS is PERMISSIVE, so that nobody takes it for one that is secure.</summary>
internal static class PermissiveMode
{
    /// <summary>Null for any other mesh.</summary>
    public static string? Warning(Mesh mesh) => mesh.EnabledBackend is { Mode: MtlsMode.Permissive } backend
        ? $"mesh '{mesh.Name}' is PERMISSIVE (backend '{backend.Name}'): its proxies let plain traffic in, without identity and whatever the permissions say"
        : null;
}
