using System.Xml.Linq;

namespace OrleansMesh.Architecture.Tests;

/// <summary>References between the rooms point one way (ARCHITECTURE.md): the project files must say no more than this table.</summary>
public sealed class RoomReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Domain"] = [],
        ["EventStore"] = [],
        ["EmbeddedSilo"] = [],
        ["OrleansSilo"] = ["Domain", "GrainInterfaces", "EmbeddedSilo"],
        ["EnvoyApi"] = [],
        ["GrainInterfaces"] = ["Domain", "EmbeddedSilo"],
        ["Grains"] = ["Domain", "GrainInterfaces", "EventStore", "EmbeddedSilo"],
        ["Translation"] = ["Domain", "EnvoyApi"],
        ["XdsGateway"] = ["Domain", "GrainInterfaces", "Translation", "EnvoyApi", "EmbeddedSilo"],
        ["Cli"] = ["Domain", "EventStore"],
        ["Silo"] = ["Domain", "EventStore", "GrainInterfaces", "Grains", "EmbeddedSilo", "OrleansSilo", "Translation", "XdsGateway", "EnvoyApi"],
    };

    public static TheoryData<string> Rooms() => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_knows_only_the_rooms_it_may_know(string room)
    {
        var references = ProjectReferences(room);
        Assert.Empty(Reachable(room, references).Except(Allowed[room]));
    }

    [Fact]
    public void Every_room_is_in_the_table()
        => Assert.Equal(
            Allowed.Keys.Order(StringComparer.Ordinal),
            Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public void The_domain_uses_no_package_but_the_yaml_parser()
        => Assert.Equal(["YamlDotNet"], PackageReferences("Domain"));

    [Theory]
    [InlineData("Domain")]
    [InlineData("Translation")]
    public void Pure_rooms_read_no_clock_no_random_and_no_file(string room)
    {
        string[] forbidden = ["DateTime.UtcNow", "DateTime.Now", "DateTimeOffset.UtcNow", "DateTimeOffset.Now", "TimeProvider.System", "Random.Shared",
            "new Random(", "Guid.NewGuid", "RandomNumberGenerator", "File.", "Directory.", "Environment.", "HttpClient", "Console.", "Task.Delay", "Thread.Sleep"];
        var offences =
            from file in Repository.SourceFiles(Path.Combine("src", room))
            from text in forbidden
            where File.ReadAllText(file).Contains(text, StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Repository.Root, file)}: {text}";
        Assert.Empty(offences);
    }

    private static HashSet<string> Reachable(string room, IReadOnlyCollection<string> direct)
    {
        // A reference that is only inherited counts as well: the compiler lets code use it.
        var all = new HashSet<string>(direct, StringComparer.Ordinal);
        foreach (var next in direct)
            all.UnionWith(Reachable(next, ProjectReferences(next)));
        all.Remove(room);
        return all;
    }

    private static string[] ProjectReferences(string room)
        => [.. Project(room).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/'))["OrleansMesh.".Length..])];

    private static string[] PackageReferences(string room)
        => [.. Project(room).Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value)];

    private static XDocument Project(string room)
        => XDocument.Load(Path.Combine(Repository.Root, "src", room, $"OrleansMesh.{room}.csproj"));
}
