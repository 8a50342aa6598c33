using System.CommandLine;

namespace OrleansMesh.Cli.Commands;

/// <summary>An option that is given as <c>name=value</c>, any number of times.</summary>
internal sealed class PairsOption : Option<KeyValuePair<string, string>[]>
{
    public PairsOption(string name)
        : base(name)
    {
        HelpName = "NAME=VALUE";
        Arity = ArgumentArity.ZeroOrMore;
        AllowMultipleArgumentsPerToken = false;
        DefaultValueFactory = _ => [];
        CustomParser = result =>
        {
            var pairs = new List<KeyValuePair<string, string>>();
            foreach (var token in result.Tokens)
            {
                var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0 && equals < token.Value.Length - 1)
                    pairs.Add(new(token.Value[..equals], token.Value[(equals + 1)..]));
                else
                    result.AddError($"{name}: '{token.Value}' is not name=value");
            }

            return [.. pairs];
        };
    }
}
