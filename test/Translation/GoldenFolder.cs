using System.Reflection;

namespace OrleansMesh.Translation.Tests;

/// <summary>The cases in the sources of these tests, where they are also recorded anew: <c>golden/{topic}/{case}.in.yaml</c> and <c>.out.yaml</c>.</summary>
internal static class GoldenFolder
{
    public static string Path { get; } = typeof(GoldenFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "GoldenFolder").Value!;

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
}
