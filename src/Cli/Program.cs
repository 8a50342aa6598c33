using OrleansMesh.Cli;

return await Meshctl.RunAsync(args, Terminal.OfThisProcess());
