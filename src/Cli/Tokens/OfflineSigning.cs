using System.CommandLine;

namespace OrleansMesh.Cli.Tokens;

/// <summary>Options by which a token is signed on this machine and the control plane is not asked.</summary>
internal sealed class OfflineSigning
{
    private readonly Option<string?> _path = new("--signing-key-path") { Description = "A private key, PEM, with which to sign here; the control plane is not asked.", HelpName = "FILE" };

    private readonly Option<string?> _keyId = new("--kid") { Description = "The name under which the control plane knows that key's public key.", HelpName = "KID" };

    public void AddTo(Command command)
    {
        command.Add(_path);
        command.Add(_keyId);
    }

    /// <summary>Null when the control plane is to sign.</summary>
    /// <exception cref="CommandFailedException">One of the two is given and the other is not.</exception>
    public SigningKey? Key(ParseResult parsed) => (parsed.GetValue(_path), parsed.GetValue(_keyId)) switch
    {
        (null, null) => null,
        ({ } path, { Length: > 0 } keyId) => new(path, keyId),
        _ => throw new CommandFailedException("--signing-key-path and --kid belong together"),
    };
}
