using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>The problems found so far: the first thousand are kept, the rest only counted.</summary>
internal sealed class ProblemList
{
    private const int Most = 1000;

    private readonly List<FieldProblem> _problems = [];
    private int _more;

    public bool IsEmpty => _problems.Count == 0;

    public void Add(string field, string message)
    {
        if (_problems.Count < Most)
            _problems.Add(new FieldProblem(field, message));
        else
            _more++;
    }

    public ValueList<FieldProblem> ToValueList()
        => _more == 0 ? _problems.ToValueList() : _problems.Append(new FieldProblem("", $"and {_more} more problems")).ToValueList();
}
