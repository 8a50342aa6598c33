using System.Diagnostics;

namespace OrleansMesh.Grains.Tests.Authorities;

/// <summary>OpenSSL's own opinion of a certificate.</summary>
internal static class OpenSsl
{
    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "openssl")));

    /// <param name="chain">The certificate, and the intermediates that its holder sends along.</param>
    /// <returns>What it printed; its last line is OK when it accepts.</returns>
    public static async Task<string> VerifyAsync(string purpose, DateTimeOffset at, string trustBundle, string chain)
    {
        var folder = Directory.CreateTempSubdirectory("orleansmesh-openssl-").FullName;
        try
        {
            var (bundleFile, chainFile) = (Path.Combine(folder, "bundle.pem"), Path.Combine(folder, "chain.pem"));
            await File.WriteAllTextAsync(bundleFile, trustBundle);
            await File.WriteAllTextAsync(chainFile, chain);
            using var openssl = Process.Start(new ProcessStartInfo(
                "openssl",
                ["verify", "-x509_strict", "-purpose", purpose, "-attime", $"{at.ToUnixTimeSeconds()}", "-CAfile", bundleFile, "-untrusted", chainFile, chainFile])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var printed = await openssl.StandardOutput.ReadToEndAsync() + await openssl.StandardError.ReadToEndAsync();
            await openssl.WaitForExitAsync();
            return printed.Trim();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
