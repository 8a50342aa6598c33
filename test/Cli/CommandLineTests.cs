using System.Net;
using System.Net.Sockets;

namespace OrleansMesh.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", "Required command")]
    [InlineData("bogus", "'bogus'")]
    [InlineData("get", "'TYPE'")]
    [InlineData("get circuit-breakers", "there is no type of resource 'circuit-breakers'; there are ")]
    [InlineData("delete mesh", "'NAME'")]
    [InlineData("get meshes -o xml", "there is no form 'xml'; there are table, yaml and json")]
    [InlineData("get meshes -o 1", "there is no form '1'")]
    [InlineData("--server ftp://x get meshes", "'ftp://x' is no address of a control plane")]
    [InlineData("apply", "'--filename' is required")]
    [InlineData("generate dataplane-token --valid-for 3q", "'3q' is no duration")]
    [InlineData("generate dataplane-token --valid-for 1h --tag x", "'x' is not name=value")]
    [InlineData("generate dataplane-token --valid-for 1h --tag x=", "'x=' is not name=value")]
    [InlineData("proxy run --dataplane-file d --token-file t --cp-address http://x", "'http://x' is no https address")]
    public async Task Arguments_that_make_no_command_are_named_and_exit_2(string line, string expected)
    {
        var run = await CommandRun.OfAsync("", line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Contains("--help' shows how it is used", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Out);
    }

    [Fact]
    public async Task Version_is_said_in_one_line()
    {
        var run = await CommandRun.OfAsync("", ["--version"]);

        Assert.Equal((0, $"meshctl {Meshctl.Version}\n", ""), (run.ExitCode, run.Out, run.Error));
        Assert.Matches(@"^\d+\.\d+\.\d+$", Meshctl.Version);
    }

    [Fact]
    public async Task The_server_comes_from_the_environment_where_no_option_names_it()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes", 200, """{"total":0,"items":[],"next":null}""");

        var run = await CommandRun.OfAsync("", ["get", "meshes"], variable: name => name == "ORLEANSMESH_SERVER" ? server.Address.ToString() : null);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("GET /meshes", Assert.Single(server.Requests).Request);
    }

    [Fact]
    public async Task A_server_that_the_environment_misnames_is_refused()
    {
        var run = await CommandRun.OfAsync("", ["get", "meshes"], variable: _ => "localhost:5681");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("$ORLEANSMESH_SERVER: 'localhost:5681' is no address", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_where_nothing_listens_is_named_in_one_line_with_what_to_do()
    {
        var run = await CommandRun.OfAsync("", ["get", "meshes", "--server", $"http://127.0.0.1:{UnusedPort()}"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"^error: nothing listens at http://127\.0\.0\.1:\d+\. .*--server[^\n]*\n$", run.Error);
        Assert.Equal("", run.Out);
    }

    [Fact]
    public async Task A_server_that_is_no_control_plane_is_named()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes", 200, "<html>hello</html>");

        var run = await CommandRun.OfAsync(server, "get", "meshes");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is it a control plane's API?", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_something_in_between_is_shown_with_its_status_and_words()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes", 502, "bad gateway, says the balancer");

        var run = await CommandRun.OfAsync(server, "get", "meshes");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("/meshes answered 502: bad gateway, says the balancer", run.Error, StringComparison.Ordinal);
    }

    internal static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
