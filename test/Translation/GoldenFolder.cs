using System.Runtime.CompilerServices;

namespace OrleansMesh.Translation.Tests;

/// <summary>The cases beside this file: <c>golden/{topic}/{case}.in.yaml</c> and <c>.out.yaml</c>.</summary>
internal static class GoldenFolder
{
    public static string Path { get; } = System.IO.Path.Combine(Here(), "golden");

    /// <summary><c>{topic}/{case}</c>, in ordinal order.</summary>
    public static IReadOnlyList<string> Cases { get; } =
    [
        .. Directory.EnumerateFiles(Path, "*.in.yaml", SearchOption.AllDirectories)
            .Select(file => System.IO.Path.GetRelativePath(Path, file)[..^".in.yaml".Length].Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    public static string Input(string name) => System.IO.Path.Combine(Path, name + ".in.yaml");

    public static string Output(string name) => System.IO.Path.Combine(Path, name + ".out.yaml");

    /// <summary>The certificate of an authority whose key nobody has.</summary>
    public static string TrustBundle => File.ReadAllText(System.IO.Path.Combine(Path, "trust-bundle.pem"));

    private static string Here([CallerFilePath] string file = "") => System.IO.Path.GetDirectoryName(file)!;
}
