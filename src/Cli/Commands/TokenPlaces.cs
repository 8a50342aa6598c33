using System.CommandLine;

namespace OrleansMesh.Cli.Commands;

/// <summary>Where the API has the keys and revocations of tokens.</summary>
internal static class TokenPlaces
{
    public const string OfUsers = "/user-tokens";

    public static string OfDataplanes(SharedOptions shared, ParseResult parsed) => $"/meshes/{Uri.EscapeDataString(parsed.GetRequiredValue(shared.Mesh))}/dataplane-tokens";
}
