using Microsoft.Extensions.Logging.Abstractions;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Bench;

// Usage: dotnet run -c Release --project bench/EventStore [-- [DIRECTORY [EVENTS]] [--store postgres://USER@HOST/DATABASE]]
// DIRECTORY is where the scratch log is put (its disk is what is measured); EVENTS is the size of the log for the reading, 1,000,000 unless given.
// With --store the log is in that database, which keeps what is written; the password is in PGPASSWORD or ~/.pgpass.
var flag = Array.IndexOf(args, "--store");
var database = flag >= 0 ? StoreAddress.Parse(args[flag + 1]) : null;
string[] rest = flag >= 0 ? [.. args[..flag], .. args[(flag + 2)..]] : args;
var parent = rest.Length > 0 ? rest[0] : Path.GetTempPath();
var events = rest.Length > 1 ? int.Parse(rest[1]) : 1_000_000;
var scratch = Directory.CreateDirectory(Path.Combine(parent, $"eventstore-bench-{Environment.ProcessId}")).FullName;
try
{
    Console.WriteLine($"{database?.ToString() ?? $"SQLite on the disk of {parent}"}, {Environment.ProcessorCount} processors, .NET {Environment.Version}");
    Console.WriteLine();
    FsyncCost.Report(scratch);
    Console.WriteLine();
    await AppendRate.ReportAsync(OpenAsync);
    Console.WriteLine();
    await VerifyRate.ReportAsync(OpenAsync, events);
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

async Task<IEventStore> OpenAsync(string name)
{
    var address = database ?? new FolderAddress(Path.Combine(scratch, name));
    return (await OpenedStore.OpenAsync(address, new OpeningOptions(), NullLoggerFactory.Instance)).Events;
}
