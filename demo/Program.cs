using System.Runtime.InteropServices;
using OrleansMesh.Cli;
using OrleansMesh.Demo;

if (args is not ([] or ["--keep"]))
{
    Console.Error.WriteLine("usage: dotnet run --project demo [-- --keep]");
    Console.Error.WriteLine("  --keep   leave everything running until Ctrl-C");
    return args is ["--help" or "-h"] ? Meshctl.Done : Meshctl.Misused;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

var narrator = new Narrator(Terminal.OfThisProcess());
var folder = Directory.CreateTempSubdirectory("orleansmesh-demo-");
var failed = false;
var keeping = false;
try
{
    await using var stage = new Stage(folder.FullName, narrator);
    var walkthrough = new Walkthrough(stage, narrator);
    try
    {
        await walkthrough.RunAsync(stop.Token);
        if (args is ["--keep"])
        {
            keeping = true;
            walkthrough.ShowAddresses();
            await stage.UntilOneEndsAsync(stop.Token);
        }
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        narrator.Say("Stopped.");
        failed = !keeping;
    }
    catch (Exception failure) when (failure is StepFailedException or CommandFailedException)
    {
        narrator.Fail(failure.Message);
        failed = true;
    }
}
finally
{
    if (!failed)
        folder.Delete(recursive: true);
}

if (failed)
    narrator.Say($"Logs and data are kept in {folder.FullName}.");
return failed ? Meshctl.Failed : Meshctl.Done;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
