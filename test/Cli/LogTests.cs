using System.Text;
using System.Text.Json.Nodes;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.Cli.Tests;

public sealed class LogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("meshctl-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_log_is_exported_proved_imported_and_proved_again()
    {
        await FillAsync("source");

        var export = await RunAsync("log", "export", In("file"), "--store", In("source"));
        var ofFile = await RunAsync("log", "verify", In("file"));
        var import = await RunAsync("log", "import", In("file"), "--store", In("target"));
        var ofStore = await RunAsync("log", "verify", "--store", In("target"), "-o", "json");

        Assert.Equal((0, $"3 events in 1 streams and 0 data keys exported to {In("file")} and verified there\n"), (export.ExitCode, export.Out));
        Assert.Contains("key-encryption.key", export.Error, StringComparison.Ordinal);
        Assert.Equal((0, "every event is as it was written: 3 events in 1 streams and 0 data keys, 0 snapshots\n"), (ofFile.ExitCode, ofFile.Out));
        Assert.Equal((0, $"3 events in 1 streams and 0 data keys imported to {In("target")}\n"), (import.ExitCode, import.Out));
        Assert.Equal(0, ofStore.ExitCode);
        Assert.Equal((true, 3, 3), ((bool)ofStore.Json["intact"]!, (int)ofStore.Json["events"]!, (int)ofStore.Json["witnessed"]!));
        Assert.Equal(1, (await RunAsync("log", "import", In("file"), "--store", In("target"))).ExitCode);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("file")));
    }

    [Fact]
    public async Task An_export_from_a_server_that_breaks_off_leaves_no_file()
    {
        await FillAsync("source");
        await RunAsync("log", "export", In("whole"), "--store", In("source"));
        var text = await File.ReadAllTextAsync(In("whole"));
        await using var server = await RecordingServer.StartAsync();

        server.On("GET /log/export", 200, text[..(text.Length / 2)]);
        var broken = await CommandRun.OfAsync(server, "log", "export", In("file"));
        server.On("GET /log/export", 200, text);
        var whole = await CommandRun.OfAsync(server, "log", "export", In("other"));
        var again = await CommandRun.OfAsync(server, "log", "export", In("other"));

        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("cut off", broken.Error, StringComparison.Ordinal);
        Assert.Equal(["other", "source", "whole"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal((0, text), (whole.ExitCode, await File.ReadAllTextAsync(In("other"))));
        Assert.Equal((1, $"error: '{In("other")}' is there already\n"), (again.ExitCode, again.Error));
    }

    [Fact]
    public async Task A_damaged_file_is_refused_with_its_position_and_nothing_is_imported()
    {
        await FillAsync("source");
        await RunAsync("log", "export", In("file"), "--store", In("source"));
        await File.WriteAllTextAsync(In("file"), (await File.ReadAllTextAsync(In("file"))).Replace("user:ada-2", "user:eve-2", StringComparison.Ordinal));

        var verify = await RunAsync("log", "verify", In("file"));
        var json = await RunAsync("log", "verify", In("file"), "-o", "json");
        var import = await RunAsync("log", "import", In("file"), "--store", In("target"));

        Assert.Equal(1, verify.ExitCode);
        Assert.Contains("line 3 (position 2)", verify.Error, StringComparison.Ordinal);
        Assert.Equal((1, false, 2), (json.ExitCode, (bool)json.Json["intact"]!, (int)json.Json["position"]!));
        Assert.Equal(1, import.ExitCode);
        Assert.Equal(0, (int)(await RunAsync("log", "verify", "--store", In("target"), "-o", "json")).Json["events"]!);
    }

    [Fact]
    public async Task An_event_that_the_server_could_not_read_is_not_taken_in()
    {
        await FillAsync("source", type: "mesh.unheard-of");

        var export = await RunAsync("log", "export", In("file"), "--store", In("source"));
        var verify = await RunAsync("log", "verify", "--store", In("source"), "-o", "json");

        Assert.Equal((1, 1), (export.ExitCode, verify.ExitCode));
        Assert.Contains("mesh.unheard-of", export.Error, StringComparison.Ordinal);
        Assert.Equal(1, (int)verify.Json["position"]!);
    }

    [Fact]
    public async Task A_backup_of_a_log_in_use_is_a_log()
    {
        await FillAsync("source");
        await using var running = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = In("source") });

        var backup = await RunAsync("log", "backup", In("backup"), "--store", In("source"));

        Assert.Equal((0, $"3 events in 1 streams and 0 data keys copied to {In("backup")} and verified there\n"), (backup.ExitCode, backup.Out));
        Assert.Equal(0, (await RunAsync("log", "verify", "--store", In("backup"))).ExitCode);
        Assert.Equal(1, (await RunAsync("log", "backup", In("backup"), "--store", In("source"))).ExitCode);
    }

    [Theory]
    [InlineData("log", "verify")]
    [InlineData("log", "verify", "file", "--store", "folder")]
    [InlineData("log", "import", "file")]
    [InlineData("log", "verify", "--store", "mysql://x")]
    public async Task What_cannot_be_asked_is_misuse(params string[] arguments) => Assert.Equal(2, (await RunAsync(arguments)).ExitCode);

    private string In(string name) => Path.Combine(_folder, name);

    private static async Task<Run> RunAsync(params string[] arguments)
    {
        var run = await CommandRun.OfAsync("", arguments);
        return new(run.ExitCode, run.Out, run.Error);
    }

    private async Task FillAsync(string folder, string type = "mesh.deleted")
    {
        await using var store = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = In(folder) });
        await store.AppendAsync([new StreamAppend("mesh/default", 0, [.. Enumerable.Range(1, 3).Select(
            i => new NewEvent(type, Encoding.UTF8.GetBytes("{}"), new EventContext($"user:ada-{i}", CommandRun.Now)))])]);
    }

    private sealed record Run(int ExitCode, string Out, string Error)
    {
        public JsonNode Json => JsonNode.Parse(Out)!;
    }
}
