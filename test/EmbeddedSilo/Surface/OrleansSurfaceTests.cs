using System.Reflection;
using Orleans;

namespace OrleansMesh.EmbeddedSilo.Tests.Surface;

/// <summary>
/// Our <c>Orleans*</c> types are a part of the real ones: whatever is public in ours is there in Microsoft.Orleans 10.4.2 too, with the same
/// signature, so that what compiles against ours compiles against Orleans.
/// </summary>
public class OrleansSurfaceTests
{
    private const string Core = "Microsoft.Orleans.Core.Abstractions";
    private const string Serialization = "Microsoft.Orleans.Serialization.Abstractions";

    // By the package in which each type lives. A type is added here on purpose, because a grain of ours needs it.
    private static readonly Dictionary<string, string> Mirrored = new()
    {
        ["Orleans.DeactivationReason"] = Core,
        ["Orleans.DeactivationReasonCode"] = Core,
        ["Orleans.Grain"] = Core,
        ["Orleans.GrainBaseExtensions"] = Core,
        ["Orleans.GrainExtensions"] = Core,
        ["Orleans.IGrain"] = Core,
        ["Orleans.IGrainBase"] = Core,
        ["Orleans.IGrainFactory"] = Core,
        ["Orleans.IGrainObserver"] = Core,
        ["Orleans.IGrainWithStringKey"] = Core,
        ["Orleans.Concurrency.AlwaysInterleaveAttribute"] = Core,
        ["Orleans.Concurrency.OneWayAttribute"] = Core,
        ["Orleans.Concurrency.ReadOnlyAttribute"] = Core,
        ["Orleans.Concurrency.ReentrantAttribute"] = Core,
        ["Orleans.Placement.PlacementAttribute"] = Core,
        ["Orleans.Placement.PreferLocalPlacementAttribute"] = Core,
        ["Orleans.Runtime.ClientNotAvailableException"] = Core,
        ["Orleans.Runtime.GrainTimerCreationOptions"] = Core,
        ["Orleans.Runtime.IAddressable"] = Core,
        ["Orleans.Runtime.IGrainTimer"] = Core,
        ["Orleans.Runtime.OrleansException"] = Core,
        ["Orleans.Runtime.OrleansMessageRejectionException"] = Core,
        ["Orleans.Runtime.SiloUnavailableException"] = Core,
        ["Orleans.AliasAttribute"] = Serialization,
        ["Orleans.GenerateSerializerAttribute"] = Serialization,
        ["Orleans.IdAttribute"] = Serialization,
        ["Orleans.ImmutableAttribute"] = Serialization,
    };

    private static readonly Lazy<IReadOnlyDictionary<string, TypeSurface>> Ours = new(() => AssemblySurface.Read(typeof(Grain).Assembly.Location));

    private static readonly Dictionary<string, IReadOnlyDictionary<string, TypeSurface>> Real = new()
    {
        [Core] = AssemblySurface.Read(PathOf(Core)),
        [Serialization] = AssemblySurface.Read(PathOf(Serialization)),
    };

    public static TheoryData<string> MirroredTypes() => [.. Mirrored.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_public_type_in_an_Orleans_namespace_is_mirrored_on_purpose() => Assert.Equal(
        Mirrored.Keys.Order(StringComparer.Ordinal),
        Ours.Value.Keys.Where(name => name.StartsWith("Orleans.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(MirroredTypes))]
    public void A_mirrored_type_has_nothing_that_the_real_one_lacks(string name)
    {
        Assert.True(Real[Mirrored[name]].TryGetValue(name, out var real), $"{name} is not in {Mirrored[name]}.");
        Assert.Empty(Differences(Ours.Value[name], real));
    }

    [Fact]
    public void The_comparison_sees_each_kind_of_difference()
    {
        var real = Real[Core]["Orleans.IGrainFactory"];
        var ours = Ours.Value["Orleans.IGrainFactory"];
        var getGrain = Assert.Single(ours.Members, member => member.Contains("GetGrain", StringComparison.Ordinal));
        Assert.Equal(
            "public [Virtual, Abstract] TGrainInterface GetGrain<TGrainInterface: Orleans.IGrainWithStringKey None>(String primaryKey, String grainClassNamePrefix = null)",
            getGrain);

        foreach (var changed in new[]
        {
            getGrain.Replace("primaryKey", "key", StringComparison.Ordinal),
            getGrain.Replace(" = null", "", StringComparison.Ordinal),
            getGrain.Replace("Orleans.IGrainWithStringKey", "Orleans.IGrain", StringComparison.Ordinal),
            getGrain.Replace("TGrainInterface GetGrain", "Void GetGrain", StringComparison.Ordinal),
        })
        {
            Assert.Equal([changed], Differences(ours with { Members = ours.Members.Except([getGrain]).Append(changed).ToHashSet() }, real));
        }

        Assert.Equal(["Orleans.IGrain"], Differences(ours with { Interfaces = new HashSet<string> { "Orleans.IGrain" } }, real));

        var attribute = Ours.Value["Orleans.AliasAttribute"];
        Assert.Equal("[Sealed] Orleans.AliasAttribute : System.Attribute usable on 1116, AllowMultiple = True", attribute.Declaration);
        var narrower = attribute with { Declaration = attribute.Declaration.Replace("1116", "4", StringComparison.Ordinal) };
        Assert.Equal([narrower.Declaration], Differences(narrower, Real[Serialization]["Orleans.AliasAttribute"]));
    }

    private static IEnumerable<string> Differences(TypeSurface ours, TypeSurface real) =>
        (ours.Declaration == real.Declaration ? Enumerable.Empty<string>() : [ours.Declaration])
        .Concat(ours.Interfaces.Except(real.Interfaces))
        .Concat(ours.Members.Except(real.Members));

    private static string PathOf(string package)
    {
        var root = typeof(OrleansSurfaceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "NuGetPackageRoot").Value!;
        var name = package.Replace("Microsoft.", "", StringComparison.Ordinal);
#pragma warning disable CA1308 // NuGet's folders are lower-case.
        return Path.Combine(root, package.ToLowerInvariant(), "10.4.2", "lib", "net10.0", $"{name}.dll");
#pragma warning restore CA1308
    }
}
