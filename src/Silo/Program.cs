using OrleansMesh.Silo.CommandLine;
using OrleansMesh.Silo.Hosting;

return await new ServerCommand(ServerProcess.RunAsync).InvokeAsync(args, Console.Out, Console.Error);
