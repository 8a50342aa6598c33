using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Cli.ControlPlane;

namespace OrleansMesh.Cli.Commands;

/// <summary>Options by which a person proves to the control plane who they are.</summary>
internal sealed class CredentialOptions(Terminal terminal)
{
    public const string TokenVariable = "MESHCTL_TOKEN";

    public const string AuthoritiesVariable = "MESHCTL_CA_CERT_FILE";

    private readonly Option<string?> _token = Of(
        "--token-file", $"The file with your user token, as 'meshctl generate user-token' prints it. Without it, the token in ${TokenVariable}, if there is one.");

    private readonly Option<string?> _authorities = Of(
        "--ca-cert-file", $"PEM certificates of the authorities that vouch for the control plane. Without it, ${AuthoritiesVariable} names the file; else those of the system.");

    private readonly Option<string?> _certificate = Of("--client-cert-file", "A PEM client certificate, instead of a token.");

    private readonly Option<string?> _key = Of("--client-key-file", "The PEM private key of that certificate.");

    public IEnumerable<Option> All => [_token, _authorities, _certificate, _key];

    /// <exception cref="CommandFailedException">A file cannot be read, or does not hold what it should.</exception>
    public Credentials Read(ParseResult parsed)
    {
        var authorities = parsed.GetValue(_authorities) ?? Given(terminal.Variable(AuthoritiesVariable));
        return new(Token(parsed), authorities is null ? null : TextOf(authorities), Certificate(parsed.GetValue(_certificate), parsed.GetValue(_key)));
    }

    private string? Token(ParseResult parsed)
    {
        if (parsed.GetValue(_token) is not { } file)
            return Given(terminal.Variable(TokenVariable)?.Trim());
        return TextOf(file).Trim() is { Length: > 0 } token ? token : throw new CommandFailedException($"{file} is empty; expected a token as 'meshctl generate user-token' prints it");
    }

    private static X509Certificate2? Certificate(string? certificateFile, string? keyFile)
    {
        if (certificateFile is null && keyFile is null)
            return null;
        if (certificateFile is null || keyFile is null)
            throw new CommandFailedException("--client-cert-file and --client-key-file belong together");
        try
        {
            return X509Certificate2.CreateFromPem(TextOf(certificateFile), TextOf(keyFile));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CommandFailedException($"the client certificate in {certificateFile} and the key in {keyFile} cannot be used: {e.Message}", e);
        }
    }

    private static string TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read {file}: {e.Message}", e);
        }
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static Option<string?> Of(string name, string description) => new(name) { Description = description, HelpName = "FILE", Recursive = true };
}
