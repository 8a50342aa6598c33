namespace OrleansMesh.Domain.Values;

/// <summary>What is wrong with one field of an input.</summary>
/// <param name="Field">The field's path, such as <c>networking.inbound[0].port</c>; empty for the whole document.</param>
/// <param name="Message">What was expected.</param>
public sealed record FieldProblem(string Field, string Message)
{
    public override string ToString() => Field.Length == 0 ? Message : $"{Field}: {Message}";
}
