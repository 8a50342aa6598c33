using BenchmarkDotNet.Running;

// Usage: dotnet run -c Release --project bench/Micro -- [--job short|dry] [--filter *Translation*]
// In this process: the benchmarks' own projects would be built with this repository's settings, which are not meant for generated code.
string[] all = args.Contains("--filter") || args.Contains("-f") ? [] : ["--filter", "*"];
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(["--inProcess", .. all, .. args]);
