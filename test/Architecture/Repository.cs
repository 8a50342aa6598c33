namespace OrleansMesh.Architecture.Tests;

/// <summary>The checkout that these tests read.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Our own C# files below a folder of the checkout; nothing that a build made.</summary>
    public static IEnumerable<string> SourceFiles(string folder)
        => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OrleansMesh.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("these tests must run from a checkout: no OrleansMesh.sln above " + AppContext.BaseDirectory);
    }
}
