using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Tests.Configuration;

public sealed class YamlConfigurationTests
{
    [Fact]
    public void A_list_may_be_a_sequence_or_one_line()
    {
        Assert.Equal(["a.example", "b.example"], Hosts("api:\n  hosts: [a.example, b.example]\n"));
        Assert.Equal(["a.example", "b.example"], Hosts("api:\n  hosts: a.example, b.example\n"));

        static IEnumerable<string> Hosts(string yaml) => ConfigurationReading.Of(YamlConfiguration.Read(yaml, "f")).Configuration!.Api.Hosts;
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("api:\n")]
    public void A_file_may_say_nothing(string yaml) => Assert.True(ConfigurationReading.Of(YamlConfiguration.Read(yaml, "f")).IsValid);

    [Theory]
    [InlineData("api: [1]\n", "api", "mapping")]
    [InlineData("- 1\n", "f", "mapping")]
    [InlineData("api:\n  port: {a: 1}\n", "api.port", "value")]
    [InlineData("api:\n  port: 1\n  port: 2\n", "f", "YAML")]
    [InlineData("api: {\n", "f", "YAML")]
    [InlineData("api:\n  port: 1\n---\napi:\n  port: 2\n", "f", "one document")]
    public void What_is_not_a_configuration_is_refused(string yaml, string field, string expected)
    {
        var problem = Assert.Single(YamlConfiguration.Read(yaml, "f").Problems);
        Assert.Equal(field, problem.Field);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_reads_back_the_same_and_names_every_setting()
    {
        var given = new Dictionary<string, GivenValue>
        {
            [Settings.Data.Path] = new("/tmp/with \"quotes\" and \\ # signs", "--data"),
            [Settings.ApiHosts.Path] = new("a.example,b.example", "f"),
            [Settings.ApiAddress.Path] = new("::1", "f"),
            [Settings.DefaultMesh.Path] = new("false", "f"),
        };

        var written = YamlConfiguration.Write(given);
        var read = YamlConfiguration.Read(written, "written");

        Assert.Empty(read.Problems);
        Assert.Equal(Settings.All.Select(s => s.Path).Order(), read.Values.Keys.Order());
        Assert.All(Settings.All, s => Assert.Equal(given.GetValueOrDefault(s.Path)?.Text ?? s.Default, read.Values[s.Path].Text));
    }
}
