using OrleansMesh.Silo.CommandLine;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Tests.Configuration;

public sealed class ServerCommandTests
{
    [Fact]
    public async Task Flags_become_the_configuration_that_the_server_runs_with()
    {
        var (code, ran, _, _) = await Run("--api-port", "0", "--no-default-mesh", "--log-format", "json", "--data", "/tmp/somewhere");

        Assert.Equal(0, code);
        Assert.Equal((0, false, LogFormat.Json, "/tmp/somewhere"), (ran!.Api.Listener.Port, ran.DefaultMesh, ran.Log.Format, ran.DataFolder));
    }

    [Fact]
    public async Task Flags_win_over_the_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "api:\n  port: 1\ndiagnostics:\n  port: 2\n");
            var (_, ran, _, _) = await Run("--config", file, "--api-port", "3");
            Assert.Equal((3, 2), (ran!.Api.Listener.Port, ran.Diagnostics.Port));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--nosuch")]
    [InlineData("--api-port")]
    [InlineData("serve")]
    public async Task A_wrong_command_line_is_refused_with_code_2_and_runs_nothing(params string[] arguments)
    {
        var (code, ran, _, error) = await Run(arguments);

        Assert.Equal((2, null), (code, ran));
        Assert.Contains(arguments[0], error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_configuration_is_refused_with_code_2_and_every_problem()
    {
        var (code, ran, _, error) = await Run("--api-port", "x", "--log-level", "y", "--config", "/no/such/file");

        Assert.Equal((2, null), (code, ran));
        Assert.Contains("api.port", error, StringComparison.Ordinal);
        Assert.Contains("log.level", error, StringComparison.Ordinal);
        Assert.Contains("/no/such/file", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_setting_with_its_default()
    {
        var (code, ran, output, _) = await Run("--help");
        var words = string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((0, null), (code, ran));
        Assert.All(Settings.All, s => Assert.Contains(s.Flag, words, StringComparison.Ordinal));
        Assert.All(Settings.All, s => Assert.Contains($"[{s.Path}, default: {(s.Default.Length == 0 ? "none" : s.Default)}]", words, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_shows_switches_without_a_value_and_says_what_they_switch()
    {
        var (_, _, output, _) = await Run("--help");
        Assert.Matches("--no-default-mesh +do not make a mesh", output);
        Assert.All(Settings.All.Where(s => s.IsSwitch), s => Assert.DoesNotContain($"{s.Flag} <", output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Config_show_prints_what_would_be_in_force_and_starts_nothing()
    {
        var (code, ran, output, _) = await Run("config", "show", "--api-port", "1234");

        Assert.Equal((0, null), (code, ran));
        var shown = YamlConfiguration.Read(output, "shown");
        Assert.Empty(shown.Problems);
        Assert.Equal("1234", shown.Values["api.port"].Text);
        Assert.Contains("--api-port", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, ServerConfiguration? Ran, string Output, string Error)> Run(params string[] arguments)
    {
        ServerConfiguration? ran = null;
        using var output = new StringWriter();
        using var error = new StringWriter();
        var command = new ServerCommand(configuration =>
        {
            ran = configuration;
            return Task.FromResult(0);
        });
        var code = await command.InvokeAsync(arguments, output, error);
        return (code, ran, output.ToString(), error.ToString());
    }
}
