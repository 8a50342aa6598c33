using System.Text.RegularExpressions;

namespace OrleansMesh.Domain.Reading;

/// <summary>What resources and authorities may be called.</summary>
/// <remarks>Source: Kuma 2.14 <c>pkg/core/resources/apis/mesh/meta_validator.go</c>; the rule for meshes is stricter here.</remarks>
internal static partial class NameRules
{
    private const int LongestName = 253;
    private const int LongestMeshName = 63;

    /// <summary>What is wrong with a resource's name, or null.</summary>
    public static string? ProblemOfName(string name) => name switch
    {
        "" => "cannot be empty",
        { Length: > LongestName } => $"value length must less or equal {LongestName}",
        _ when !Subdomain().IsMatch(name) => "invalid characters. A lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
            + "'-' or '.', and must start and end with an alphanumeric character",
        _ => null,
    };

    /// <summary>
    /// What is wrong with a mesh's name, or null. A mesh's name has no dot: an Envoy's node id is <c>{mesh}.{name}</c>, and a proxy of the mesh
    /// <c>a</c> could otherwise have the same as one of the mesh <c>a.b</c>.
    /// </summary>
    public static string? ProblemOfMesh(string name) => name switch
    {
        "" => "cannot be empty",
        { Length: > LongestMeshName } => $"cannot be longer than {LongestMeshName} characters",
        _ when !Label().IsMatch(name) => "invalid characters. A mesh's name must consist of lower case alphanumeric characters or '-', and must start "
            + "and end with an alphanumeric character",
        _ => null,
    };

    /// <summary>What is wrong with the name of a mesh's authority, or null.</summary>
    public static string? ProblemOfBackend(string name) => name switch
    {
        "" => "cannot be empty",
        { Length: > LongestName } => $"value length must less or equal {LongestName}",
        _ when !Subdomain().IsMatch(name) => $"\"{name}\" name must be valid dns name",
        _ => null,
    };

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Label();
}
