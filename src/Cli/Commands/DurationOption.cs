using System.CommandLine;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Cli.Commands;

/// <summary>An option that is a duration, such as <c>24h</c>, <c>1h30m</c> or <c>0s</c>.</summary>
internal sealed class DurationOption : Option<MeshDuration>
{
    /// <param name="standard">What it is when it is not given; null: it has to be given.</param>
    public DurationOption(string name, MeshDuration? standard = null)
        : base(name)
    {
        HelpName = "DURATION";
        Required = standard is null;
        if (standard is not null)
            DefaultValueFactory = _ => standard;
        CustomParser = result =>
        {
            if (MeshDurationText.TryParse(result.Tokens[0].Value, out var given))
                return given;
            result.AddError($"{name}: '{result.Tokens[0].Value}' is no duration; expected one such as 10s, 1h30m or 24h");
            return null;
        };
    }
}
