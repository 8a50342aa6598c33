namespace OrleansMesh.Domain.History;

/// <summary>One value of a document that was changed, came or went.</summary>
/// <param name="Field">Its path, as messages about documents write it: <c>networking.inbound[0].tags["kuma.io/service"]</c>.</param>
/// <param name="Before">What it was: a text as it is, everything else as JSON; null: it was not there.</param>
/// <param name="After">What it became; null: it is there no more.</param>
public sealed record FieldChange(string Field, string? Before, string? After);
