using System.Text.RegularExpressions;

namespace OrleansMesh.Architecture.Tests;

/// <summary>docs/security.md names a test for each of its claims; a test that was renamed or removed takes the claim with it.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        var sources = Directory.GetFiles(Path.Combine(Repository.Root, "test"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .ToLookup(Path.GetFileNameWithoutExtension, File.ReadAllText);
        var named = NamedTest().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md")));

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.True(
            sources[name.Groups["class"].Value].Any(source => Regex.IsMatch(source, $@"public (async )?(Task|void) {name.Groups["method"].Value}\(")),
            $"docs/security.md names {name.Value}, and there is no such test"));
    }

    [Fact]
    public void Every_claim_of_the_page_names_a_test()
    {
        var claims = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "security.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Where(line => !line.StartsWith("| What", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(claims);
        Assert.All(claims, claim => Assert.Matches(NamedTest(), claim));
    }

    /// <summary><c>Class.Method</c> in backquotes; a class of tests ends in Tests or Properties.</summary>
    [GeneratedRegex(@"`(?<class>\w+(Tests|Properties|Contract))\.(?<method>\w+)`")]
    private static partial Regex NamedTest();
}
