using System.ComponentModel;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>gRPC's xDS client for Node.js, installed by npm into a cache of its own.</summary>
internal static class NodeClient
{
    /// <summary>The path of the script that reads a service. Without Node.js, or without the package, the test is skipped; where <c>CI=true</c> it fails.</summary>
    public static async Task<string> InstallAsync()
    {
        var source = Path.Combine(Checkout.Root, "test", "EndToEnd", "IndependentClient");
        var cache = Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "orleansmesh", "independent-client-1.14.1");
        Directory.CreateDirectory(cache);
        foreach (var file in (string[])["package.json", "read-service.js"])
            File.Copy(Path.Combine(source, file), Path.Combine(cache, file), overwrite: true);

        if (!Directory.Exists(Path.Combine(cache, "node_modules", "@grpc", "grpc-js-xds")))
        {
            var problem = await RunNpmAsync(cache);
            if (problem is not null && Environment.GetEnvironmentVariable("CI") == "true")
                throw new InvalidOperationException(problem);
            Skip.If(problem is not null, problem);
        }

        return Path.Combine(cache, "read-service.js");
    }

    private static async Task<string?> RunNpmAsync(string folder)
    {
        try
        {
            await using var npm = ChildProcess.Start("npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--no-package-lock");
            await npm.WaitForExitAsync();
            return npm.ExitCode == 0 ? null : $"npm could not install @grpc/grpc-js-xds:\n{npm.Output}";
        }
        catch (Win32Exception e)
        {
            return $"npm is needed: {e.Message}";
        }
    }
}
