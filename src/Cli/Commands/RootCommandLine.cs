using System.CommandLine;
using System.CommandLine.Invocation;

namespace OrleansMesh.Cli.Commands;

/// <summary>All commands, and the options that they share.</summary>
internal sealed class RootCommandLine : RootCommand
{
    public RootCommandLine(Terminal terminal)
        : base("Rules the services of an OrleansMesh.")
    {
        var shared = new SharedOptions(terminal);
        Add(shared.Server);
        Add(shared.Mesh);
        Add(shared.Output);
        foreach (var option in shared.Credentials.All)
            Add(option);
        Add(new ApplyCommand(terminal, shared));
        Add(new GetCommand(terminal, shared));
        Add(new DeleteCommand(terminal, shared));
        Add(new InspectCommand(terminal, shared));
        Add(new QuarantineCommand(terminal, shared));
        Add(new HistoryCommand(terminal, shared));
        Add(new LogCommand(terminal, shared));
        Add(new GenerateCommand(terminal, shared));
        Add(new AuthorityCommand(terminal, shared));
        Add(new KeyEncryptionKeyCommand(terminal, shared));
        Add(new SigningKeysCommand(terminal, shared));
        Add(new RevokeCommand(terminal, shared));
        Add(new ProxyCommand(terminal, shared));
        Options.OfType<VersionOption>().Single().Action = new SayVersion();
    }

    private sealed class SayVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"meshctl {Meshctl.Version}");
            return Meshctl.Done;
        }
    }
}
