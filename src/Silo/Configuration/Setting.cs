using System.Text;

namespace OrleansMesh.Silo.Configuration;

/// <summary>One thing that the server can be told, and every way to say it.</summary>
/// <param name="Path">Where it stands in the configuration file, such as <c>dpServer.tlsCertFile</c>.</param>
/// <param name="ValueName">What stands for its value in help.</param>
/// <param name="Description">What it means, with its unit.</param>
/// <param name="Default">The value that it has when nobody says anything, as it would be written.</param>
public abstract record Setting(string Path, string ValueName, string Description, string Default)
{
    /// <summary>What each environment variable starts with. Two underscores, since Kubernetes gives every pod variables named
    /// <c>{SERVICE}_PORT</c> for a service in its namespace: one that is called <c>orleansmesh</c> must not configure the server.</summary>
    public const string VariablePrefix = "ORLEANSMESH__";

    /// <summary>The environment variable: <c>ORLEANSMESH__DP_SERVER__TLS_CERT_FILE</c>.</summary>
    public string Variable => VariablePrefix + string.Join("__", Path.Split('.').Select(p => Words(p, '_').ToUpperInvariant()));

    /// <summary>The flag: <c>--dp-server-tls-cert-file</c>; for a switch that is on by default, the one that turns it off.</summary>
    public string Flag => (IsSwitch && Default == "true" ? "--no-" : "--") + Words(Path.Replace('.', '-'), '-');

    /// <summary>What the flag means when it stands alone; null: it needs a value.</summary>
    public string? ValueOfBareFlag => !IsSwitch ? null : Default == "true" ? "false" : "true";

    /// <summary>Whether a value that is refused may hold a secret by mistake, and so is not repeated.</summary>
    public bool MayHoldSecret { get; init; }

    /// <summary>Whether it is either <c>true</c> or <c>false</c>.</summary>
    public abstract bool IsSwitch { get; }

    private static string Words(string camelCase, char separator)
    {
        var words = new StringBuilder();
        foreach (var c in camelCase)
        {
            if (char.IsUpper(c))
                words.Append(separator);
            words.Append(char.ToLowerInvariant(c));
        }

        return words.ToString();
    }
}

/// <summary>A setting and how its value is read.</summary>
/// <param name="Read">Reads the value; throws <see cref="FormatException"/> with what was expected.</param>
public sealed record Setting<T>(string Path, string ValueName, string Description, string Default, Func<string, T> Read)
    : Setting(Path, ValueName, Description, Default)
{
    public override bool IsSwitch => typeof(T) == typeof(bool);
}
