using OrleansMesh.EventStore.Bench;

// Usage: dotnet run -c Release --project bench/EventStore [-- DIRECTORY [EVENTS]]
// DIRECTORY is where the scratch log is put (its disk is what is measured); EVENTS is the size of the log for the verification, 1,000,000 unless given.
var parent = args.Length > 0 ? args[0] : Path.GetTempPath();
var events = args.Length > 1 ? int.Parse(args[1]) : 1_000_000;
var scratch = Directory.CreateDirectory(Path.Combine(parent, $"eventstore-bench-{Environment.ProcessId}")).FullName;
try
{
    Console.WriteLine($"disk of {parent}, {Environment.ProcessorCount} processors, .NET {Environment.Version}");
    Console.WriteLine();
    FsyncCost.Report(scratch);
    Console.WriteLine();
    await AppendRate.ReportAsync(scratch);
    Console.WriteLine();
    await VerifyRate.ReportAsync(scratch, events);
}
finally
{
    Directory.Delete(scratch, recursive: true);
}
