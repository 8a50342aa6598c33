using System.Net;
using OrleansMesh.EventStore;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Tests.Configuration;

public sealed class ConfigurationReadingTests
{
    [Fact]
    public void Nothing_given_means_loopback_and_kumas_ports()
    {
        var configuration = ConfigurationReading.Of().Configuration!;

        Assert.Equal(new(IPAddress.Loopback, 5681), configuration.Api.Listener);
        Assert.Equal(new(IPAddress.Loopback, 5678), configuration.DpServer.Listener);
        Assert.Equal(new(IPAddress.Loopback, 5680), configuration.Diagnostics);
        Assert.True(configuration.DefaultMesh);
        Assert.EndsWith("orleansmesh", configuration.DataFolder, StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_layer_wins_over_an_earlier_one_setting_by_setting()
    {
        var reading = ConfigurationReading.Of(
            YamlConfiguration.Read("api:\n  port: 1001\ndiagnostics:\n  port: 1002\ndpServer: {port: 1003}\n", "mesh.yaml"),
            ConfigurationLayer.OfEnvironment([new("ORLEANSMESH__DIAGNOSTICS__PORT", "2002"), new("ORLEANSMESH__DP_SERVER__PORT", "2003"), new("HOME", "/x")]),
            Layer((Settings.DpServerPort.Path, "3003")));

        Assert.Equal((1001, 2002, 3003), (reading.Configuration!.Api.Listener.Port, reading.Configuration.Diagnostics.Port, reading.Configuration.DpServer.Listener.Port));
    }

    [Theory]
    [InlineData("api.port", "-1", "port number from 0 to 65535")]
    [InlineData("api.port", "65536", "port number from 0 to 65535")]
    [InlineData("api.port", "", "port number from 0 to 65535")]
    [InlineData("api.address", "localhost", "IP address")]
    [InlineData("api.address", "1", "IP address")]
    [InlineData("api.hosts", "a b", "host names separated by commas")]
    [InlineData("api.maxBodyBytes", "10", "whole number from 1024")]
    [InlineData("dpServer.names", "ok,not ok", "'not ok' is none")]
    [InlineData("defaultMesh", "yes", "true or false")]
    [InlineData("proxies.gracePeriod", "10", "duration")]
    [InlineData("proxies.reconcileInterval", "0s", "duration")]
    [InlineData("log.level", "loud", "one of trace, debug, info")]
    [InlineData("log.format", "xml", "one of text, json")]
    [InlineData("data", "", "folder")]
    public void A_value_that_is_none_is_refused_with_what_was_expected(string path, string value, string expected)
    {
        var problem = Assert.Single(ConfigurationReading.Of(Layer((path, value))).Problems);

        Assert.Equal(path, problem.Field);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.Contains("test", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_problem_of_every_source_is_told_at_once()
    {
        var reading = ConfigurationReading.Of(
            YamlConfiguration.Read("apy:\n  port: 1\napi:\n  prt: 1\nlog: text\n", "mesh.yaml"),
            ConfigurationLayer.OfEnvironment([new("ORLEANSMESH__NOPE", "1")]),
            Layer((Settings.ApiPort.Path, "x"), (Settings.DiagnosticsPort.Path, "y"), (Settings.DpServerTlsCertFile.Path, "/no/such/file")));

        Assert.Null(reading.Configuration);
        Assert.Equal(
            ["apy", "api.prt", "log", "ORLEANSMESH__NOPE", "api.port", "diagnostics.port", "dpServer.tlsKeyFile", "dpServer.tlsCertFile"],
            reading.Problems.Select(p => p.Field));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("::")]
    public void An_address_that_others_reach_is_for_tls_only(string address)
    {
        var problem = Assert.Single(ConfigurationReading.Of(Layer((Settings.ApiAddress.Path, address))).Problems);

        Assert.Equal("api.address", problem.Field);
        Assert.Contains("--api-tls-address", problem.Message, StringComparison.Ordinal);
        Assert.True(ConfigurationReading.Of(Layer((Settings.ApiTlsAddress.Path, address))).IsValid);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    public void Every_loopback_address_is_allowed(string address)
        => Assert.True(ConfigurationReading.Of(Layer((Settings.ApiAddress.Path, address))).IsValid);

    [Theory]
    [InlineData("5681", 5682)]
    [InlineData("0", 0)]
    [InlineData("65535", 0)]
    public void The_port_with_tls_is_the_one_after_the_other_unless_it_is_given(string port, int tls)
    {
        Assert.Equal(tls, ConfigurationReading.Of(Layer((Settings.ApiPort.Path, port))).Configuration!.Api.Tls.Listener.Port);
        Assert.Equal(7, ConfigurationReading.Of(Layer((Settings.ApiPort.Path, port), (Settings.ApiTlsPort.Path, "7"))).Configuration!.Api.Tls.Listener.Port);
    }

    [Theory]
    [InlineData("api.tokenKeys", "key-1")]
    [InlineData("api.tokenKeys", "=/etc/hosts")]
    [InlineData("dpServer.tokenKeys", "key-1=/etc/hosts")]
    [InlineData("dpServer.tokenKeys", "default/=/etc/hosts")]
    [InlineData("dpServer.tokenKeys", "default/key-1=/no/such/file")]
    public void A_token_key_says_whose_it_is_and_where(string path, string text)
        => Assert.Equal(path, Assert.Single(ConfigurationReading.Of(Layer((path, text))).Problems).Field);

    [Fact]
    public void Two_listeners_cannot_share_a_port_but_may_both_take_any()
    {
        Assert.Equal(
            ["api.port", "diagnostics.port"],
            ConfigurationReading.Of(Layer((Settings.ApiPort.Path, "7000"), (Settings.DiagnosticsPort.Path, "7000"))).Problems.Select(p => p.Field));
        Assert.True(ConfigurationReading.Of(Layer((Settings.ApiPort.Path, "0"), (Settings.DiagnosticsPort.Path, "0"))).IsValid);
    }

    [Theory]
    [InlineData("dpServer.tlsCertFile", "--dp-server-tls-cert-file", "ORLEANSMESH__DP_SERVER__TLS_CERT_FILE")]
    [InlineData("api.port", "--api-port", "ORLEANSMESH__API__PORT")]
    [InlineData("data", "--data", "ORLEANSMESH__DATA")]
    [InlineData("defaultMesh", "--no-default-mesh", "ORLEANSMESH__DEFAULT_MESH")]
    [InlineData("api.loopbackIsAdmin", "--no-api-loopback-is-admin", "ORLEANSMESH__API__LOOPBACK_IS_ADMIN")]
    public void A_setting_has_one_flag_and_one_variable(string path, string flag, string variable)
    {
        var setting = Settings.All.Single(s => s.Path == path);
        Assert.Equal((flag, variable), (setting.Flag, setting.Variable));
    }

    [Fact]
    public void No_two_settings_are_called_the_same()
    {
        Assert.Equal(Settings.All.Count, Settings.All.Select(s => s.Path).Distinct().Count());
        Assert.Equal(Settings.All.Count, Settings.All.Select(s => s.Flag).Distinct().Count());
        Assert.Equal(Settings.All.Count, Settings.All.Select(s => s.Variable).Distinct().Count());
    }

    [Fact]
    public void The_log_is_in_the_data_folder_unless_it_is_put_elsewhere()
    {
        Assert.Equal(new FolderAddress("/data"), ConfigurationReading.Of(Layer(("data", "/data"))).Configuration!.Store.Address);
        Assert.Equal(new FolderAddress("/log"), ConfigurationReading.Of(Layer(("data", "/data"), ("store", "/log"))).Configuration!.Store.Address);
        Assert.Equal(
            new PostgresAddress("127.0.0.1", 5432, "log", "mesh", PostgresTls.Prefer),
            ConfigurationReading.Of(Layer(("store", "postgres://mesh@127.0.0.1/log"))).Configuration!.Store.Address);
    }

    [Fact]
    public void An_address_with_a_password_is_refused_without_repeating_it()
    {
        var problem = Assert.Single(ConfigurationReading.Of(Layer(("store", "postgres://mesh:hunter2@127.0.0.1/log"))).Problems);
        Assert.Equal("store", problem.Field);
        Assert.Contains("storePasswordFile", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("store", "postgres://mesh@db/log?sslrootcert=/no/such/file", "/no/such/file")]
    [InlineData("storePasswordFile", "/no/such/file", "PostgreSQL")]
    public void What_the_store_needs_is_checked(string path, string value, string expected)
        => Assert.Contains(ConfigurationReading.Of(Layer((path, value))).Problems, p => p.Field == path && p.Message.Contains(expected, StringComparison.Ordinal));

    private static ConfigurationLayer Layer(params (string Path, string Value)[] values)
        => new(values.ToDictionary(v => v.Path, v => new GivenValue(v.Value, "test")), []);
}
