using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>The problems found so far.</summary>
internal sealed class ProblemList
{
    private readonly List<FieldProblem> _problems = [];

    public bool IsEmpty => _problems.Count == 0;

    public void Add(string field, string message) => _problems.Add(new FieldProblem(field, message));

    public ValueList<FieldProblem> ToValueList() => _problems.ToValueList();
}
