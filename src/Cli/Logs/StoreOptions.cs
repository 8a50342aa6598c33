using System.CommandLine;
using OrleansMesh.EventStore;

namespace OrleansMesh.Cli.Logs;

/// <summary>Where a log is kept, for commands that read or write it beside the server.</summary>
internal sealed class StoreOptions
{
    public StoreOptions(string description, bool required = false)
    {
        Address = new Option<StoreAddress?>("--store")
        {
            Description = description,
            HelpName = "DIR|postgres://…",
            Required = required,
            CustomParser = result =>
            {
                try
                {
                    return StoreAddress.Parse(result.Tokens[0].Value);
                }
                catch (FormatException e)
                {
                    result.AddError($"--store: {e.Message}");
                    return null;
                }
            },
        };
    }

    public Option<StoreAddress?> Address { get; }

    public Option<string?> PasswordFile { get; } = new("--store-password-file")
    {
        Description = "A file whose first line is the database's password. Without it, PGPASSWORD or ~/.pgpass.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(Address);
        command.Add(PasswordFile);
    }

    public StoreAddress? Of(ParseResult parsed) => parsed.GetValue(Address);

    public OpeningOptions Opening(ParseResult parsed) => new() { PasswordFile = parsed.GetValue(PasswordFile) };
}
