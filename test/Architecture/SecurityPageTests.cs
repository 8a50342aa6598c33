namespace OrleansMesh.Architecture.Tests;

/// <summary>docs/security.md names a test for each of its claims; a test that was renamed, removed or switched off takes the claim with it.</summary>
public sealed class SecurityPageTests
{
    private const string Tests = """
        public sealed class DoorTests
        {
            [Fact]
            public void It_is_shut()
            {
            }

            [SkippableTheory]
            [InlineData(1)]
            public async Task It_stays_shut(int knocks)
            {
            }

            [Fact(Skip = "flaky")]
            public void It_is_locked()
            {
            }

            public void It_is_painted()
            {
            }

            // [Fact]
            // public void It_is_guarded()
        }
        """;

    [Fact]
    public void Every_claim_of_the_page_names_tests_and_each_of_them_runs()
    {
        var sources = Repository.SourceFiles("test").ToLookup(file => Path.GetFileNameWithoutExtension(file)!, File.ReadAllText);
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));

        Assert.Contains("\n## ", page, StringComparison.Ordinal);
        Assert.Empty(SecurityPage.Complaints(page, sources));
    }

    [Theory]
    [InlineData("| It is shut | `DoorTests.It_is_shut` |")]
    [InlineData("| It is shut | `DoorTests.It_is_shut`, `DoorTests.It_stays_shut` |")]
    [InlineData("| It is shut | |", "no `Class.Method`")]
    [InlineData("| It is shut | surely |", "no `Class.Method`")]
    [InlineData("| It is shut | `DoorTests.It_is_shut`, surely |", "no `Class.Method`")]
    [InlineData("| It is shut | `Door.It_is_shut` |", "no `Class.Method`")]
    [InlineData("| What is shut is shut | |", "no `Class.Method`")]
    [InlineData("| | `DoorTests.It_is_shut` |", "claims nothing")]
    [InlineData("| `DoorTests.It_is_shut` |", "claims nothing")]
    [InlineData("| It is open | `DoorTests.It_is_open` |", "no such test")]
    [InlineData("| It is open | `WindowTests.It_is_shut` |", "no such test")]
    [InlineData("| It is locked | `DoorTests.It_is_locked` |", "no such test")]
    [InlineData("| It is painted | `DoorTests.It_is_painted` |", "no such test")]
    [InlineData("| It is guarded | `DoorTests.It_is_guarded` |", "no such test")]
    [InlineData("", "has no table of claims")]
    [InlineData("| It is shut | `DoorTests.It_is_shut` |\n\nBut `DoorTests.It_is_open` shows that it was open.", "no such test")]
    public void What_is_looked_for_is_found(string row, params string[] complaints)
    {
        var found = SecurityPage.Complaints(
            $"# Page\n\n## Assumed\nThat there is a door.\n\n## The door\nA thing.\n\n| What holds | Shown by |\n|---|---|\n{row}\n", new[] { Tests }.ToLookup(_ => "DoorTests"));

        Assert.Equal(complaints.Length, found.Count);
        Assert.All(complaints.Zip(found), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
    }
}
