namespace OrleansMesh.Translation.Tests;

/// <summary>
/// Each case's resources turn into exactly the recorded Envoy resources, bytes included (a version is a hash of them). To record them anew and
/// review what changed: <c>UPDATE_GOLDEN=1 dotnet test test/Translation; git diff test/Translation/golden</c>.
/// </summary>
public class GoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenFolder.Cases];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Resources_translate_to_the_recorded_configuration(string name)
    {
        var actual = GoldenOutput.Of(GoldenCase.Read(name));
        var file = GoldenFolder.Output(name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, actual);
        Assert.True(File.Exists(file), $"no {file}: record it with UPDATE_GOLDEN=1");
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }

    [Fact]
    public void No_recorded_configuration_is_without_its_case()
        => Assert.Equal(GoldenFolder.Cases, Directory.EnumerateFiles(GoldenFolder.Path, "*.out.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(GoldenFolder.Path, file)[..^".out.yaml".Length].Replace('\\', '/')).Order(StringComparer.Ordinal));
}
