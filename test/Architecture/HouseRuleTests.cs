using System.Text.RegularExpressions;

namespace OrleansMesh.Architecture.Tests;

/// <summary>House rules that a reader can check with the eye, checked here so that nobody has to.</summary>
public sealed partial class HouseRuleTests
{
    private static readonly string[] Trees = ["src", "test", "bench", "demo"];

    [Fact]
    public void No_file_is_named_for_being_a_drawer()
        => Assert.DoesNotContain(Trees.SelectMany(Repository.SourceFiles), f => Drawer().IsMatch(Path.GetFileNameWithoutExtension(f)));

    [Fact]
    public void Nothing_is_left_for_later_in_a_comment()
    {
        var offences =
            from file in Trees.SelectMany(Repository.SourceFiles)
            where Path.GetFileName(file) != "HouseRuleTests.cs"
            from line in File.ReadLines(file)
            where LeftForLater().IsMatch(line)
            select $"{Path.GetRelativePath(Repository.Root, file)}: {line.Trim()}";
        Assert.Empty(offences);
    }

    [Fact]
    public void No_file_of_ours_is_longer_than_500_lines()
        => Assert.Empty(
            Trees.Where(t => t != "test").SelectMany(Repository.SourceFiles)
                .Where(f => File.ReadLines(f).Count() > 500)
                .Select(f => Path.GetRelativePath(Repository.Root, f)));

    [Fact]
    public void The_solution_holds_every_project()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "OrleansMesh.sln")).Replace('\\', '/');
        var missing = Trees.SelectMany(t => Directory.EnumerateFiles(Path.Combine(Repository.Root, t), "*.csproj", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/'))
            .Where(f => !solution.Contains($"\"{f}\"", StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    [GeneratedRegex("(Utils?|Utilities|Helpers?|Manager|Common|Misc)$")]
    private static partial Regex Drawer();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex LeftForLater();
}
