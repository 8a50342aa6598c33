using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMesh.Cli.Logs;
using OrleansMesh.Cli.Output;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Postgres;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.EventStore.Transfer;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>log export</c>, <c>log import</c>, <c>log verify</c> and <c>log backup</c>.</summary>
internal sealed class LogCommand : Command
{
    private readonly Terminal _terminal;
    private readonly SharedOptions _shared;

    public LogCommand(Terminal terminal, SharedOptions shared)
        : base("log", "Takes the event log out and in, proves it, and copies it.")
    {
        (_terminal, _shared) = (terminal, shared);
        Add(Export());
        Add(Import());
        Add(Verify());
        Add(Backup());
    }

    private Command Export()
    {
        var file = new Argument<string>("FILE") { Description = "The file to write. It must not be there yet." };
        var store = new StoreOptions("The store to read, which no server may have open. Without it, the control plane is asked, which goes on meanwhile.");
        var command = new Command("export", "Writes the whole log to a file: every event as it was, and the wrapped data keys.") { file };
        store.AddTo(command);
        command.SetAction((parsed, cancellation) => LogWords.Told(async () =>
        {
            var target = parsed.GetRequiredValue(file);
            if (Path.Exists(target))
                throw new CommandFailedException($"'{target}' is there already");
            var draft = target + ".part";
            LogContent content;
            try
            {
                await using (var output = new FileStream(draft, Private(FileMode.Create)))
                {
                    if (store.Of(parsed) is { } address)
                    {
                        await using var opened = await OpenedStore.OpenAsync(address, store.Opening(parsed), NullLoggerFactory.Instance, cancellation);
                        await LogExport.WriteAsync(opened.Events, opened.Keys, output, _terminal.Clock.GetUtcNow(), cancellation);
                    }
                    else
                    {
                        using var controlPlane = _shared.Connect(parsed);
                        await controlPlane.DownloadAsync("/log/export", output, cancellation);
                    }

                    output.Flush(flushToDisk: true);
                    output.Position = 0;
                    content = (await LogProof.OfExportAsync(output, LogWords.Read, cancellation)).Content;
                }

                File.Move(draft, target, overwrite: false);
            }
            catch
            {
                File.Delete(draft);
                throw;
            }

            await _terminal.Out.WriteLineAsync($"{LogWords.Of(content)} exported to {target} and verified there");
            await _terminal.Error.WriteLineAsync(LogWords.KeyNote);
            return Meshctl.Done;
        }));
        return command;
    }

    private Command Import()
    {
        var file = new Argument<string>("FILE") { Description = "A file that export wrote." };
        var store = new StoreOptions("The store to fill. It must be empty, and no server may have it open.", required: true);
        var command = new Command("import", "Takes an exported log into an empty store, each event as it was. A file that is not whole changes nothing.") { file };
        store.AddTo(command);
        command.SetAction((parsed, cancellation) => LogWords.Told(async () =>
        {
            await using var input = File.OpenRead(parsed.GetRequiredValue(file));
            var address = store.Of(parsed)!;
            var content = await LogImports.At(address, store.Opening(parsed)).ImportAsync(Readable(ExportedLog.ReadAsync(input, cancellation)), cancellation);
            await _terminal.Out.WriteLineAsync($"{LogWords.Of(content)} imported to {address}");
            await _terminal.Error.WriteLineAsync(LogWords.KeyNote);
            return Meshctl.Done;
        }));
        return command;
    }

    private Command Verify()
    {
        var file = new Argument<string?>("FILE") { Description = "A file that export wrote.", Arity = ArgumentArity.ZeroOrOne };
        var store = new StoreOptions("A store instead of a file. A server may be running on a folder meanwhile.");
        var command = new Command("verify", "Proves that no event of a log was altered, taken out, added or moved, and that each can be read. Exit code 1 when not.") { file };
        store.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is null == (result.GetResult(store.Address) is null))
                result.AddError("either FILE or --store is expected");
        });
        command.SetAction((parsed, cancellation) => LogWords.Told(async () =>
        {
            LogReport report;
            try
            {
                report = await ReportAsync(parsed.GetValue(file), store.Of(parsed), store.Opening(parsed), cancellation);
            }
            catch (Exception e) when (e is LogDamagedException or ExportedLogException && parsed.GetValue(_shared.Output) is not OutputFormat.Table)
            {
                var position = e is LogDamagedException damage ? damage.Position : ((ExportedLogException)e).Position;
                ResultText.Write(_terminal, parsed.GetValue(_shared.Output), new JsonObject { ["intact"] = false, ["position"] = position, ["problem"] = e.Message });
                return Meshctl.Failed;
            }

            WriteReport(report, parsed.GetValue(_shared.Output));
            return report.Warnings.Count == 0 ? Meshctl.Done : Meshctl.Failed;
        }));
        return command;
    }

    private Command Backup()
    {
        var directory = new Argument<string>("DIR") { Description = "The folder of the backup, on this machine. It must be empty or not there yet." };
        var store = new StoreOptions("The server's data folder. A server may be running on it.", required: true);
        var command = new Command("backup", "Copies a log of SQLite while the server writes to it, and verifies the copy. A server can be started on the copy.") { directory };
        command.Add(store.Address);
        command.SetAction((parsed, cancellation) => LogWords.Told(async () =>
        {
            if (store.Of(parsed) is not FolderAddress folder)
                throw new CommandFailedException("--store: a folder is expected: a log in PostgreSQL is backed up with the database's own means, or exported");
            var target = parsed.GetRequiredValue(directory);
            var report = await SqliteLogBackup.RunAsync(new SqliteEventStoreOptions { Directory = folder.Folder }, target, LogWords.Read, cancellation);
            await _terminal.Out.WriteLineAsync($"{LogWords.Of(report.Content)} copied to {target} and verified there");
            await _terminal.Error.WriteLineAsync(LogWords.KeyNote);
            await _terminal.Error.WriteLineAsync("The files dp-server-*.key and *.crt, by which proxies know the server, are not in it either.");
            return Meshctl.Done;
        }));
        return command;
    }

    private static async Task<LogReport> ReportAsync(string? file, StoreAddress? store, OpeningOptions opening, CancellationToken cancellation)
    {
        switch (store)
        {
            case null:
                await using (var input = File.OpenRead(file!))
                    return await LogProof.OfExportAsync(input, LogWords.Read, cancellation);
            case FolderAddress folder:
                return await SqliteLogProof.RunAsync(new SqliteEventStoreOptions { Directory = folder.Folder }, LogWords.Read, cancellation);
            case PostgresAddress database:
                return await PostgresLogProof.RunAsync(database, opening.PasswordFile, LogWords.Read, cancellation);
            default:
                throw new ArgumentException($"store: a folder or a PostgreSQL database is expected, it is {store}");
        }
    }

    private void WriteReport(LogReport report, OutputFormat format)
    {
        foreach (var warning in report.Warnings)
            _terminal.Error.WriteLine($"warning: {warning}");
        if (format is not OutputFormat.Table)
        {
            ResultText.Write(_terminal, format, new JsonObject
            {
                ["intact"] = true,
                ["events"] = report.Content.Events,
                ["streams"] = report.Content.Streams,
                ["dataKeys"] = report.Content.DataKeys,
                ["snapshots"] = report.Snapshots,
                ["witnessed"] = report.Witnessed,
                ["warnings"] = new JsonArray([.. report.Warnings.Select(w => (JsonNode)w)]),
            });
            return;
        }

        var witnessed = report.Witnessed is { } position ? $", witnessed up to {position}" : "";
        _terminal.Out.WriteLine($"every event is as it was written: {LogWords.Of(report.Content)}, {report.Snapshots} snapshots{witnessed}");
    }

    /// <summary>What the server could not read is not taken in.</summary>
    private static async IAsyncEnumerable<LogEntry> Readable(IAsyncEnumerable<LogEntry> entries)
    {
        await foreach (var entry in entries)
        {
            if (entry is EventEntry { Event: var recorded })
                LogWords.Read(recorded);
            yield return entry;
        }
    }

    private static FileStreamOptions Private(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
