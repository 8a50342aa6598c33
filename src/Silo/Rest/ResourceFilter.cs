using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>
/// Which resources of a list a request asks for: <c>name</c>, a part of it in any case; <c>filter[labels.{key}]</c>, the label's value. Of Dataplanes
/// also <c>tag={key}:{value}</c>, which may come several times: one inbound has all these tags, each value a part of the tag's or <c>*</c>; and
/// <c>gateway</c>: <c>true</c>, <c>builtin</c> and <c>delegated</c> ask for gateways, of which there are none.
/// </summary>
/// <remarks>Source: Kuma 2.14, <c>pkg/api-server/filters</c>.</remarks>
internal sealed class ResourceFilter
{
    private const string LabelPrefix = "filter[labels.";

    private readonly List<Func<IResource, bool>> _conditions = [];

    /// <param name="problem">What is wrong with the request; null when nothing is.</param>
    public static ResourceFilter Of(HttpRequest request, out ProblemAnswer? problem)
    {
        var filter = new ResourceFilter();
        var problems = new List<FieldProblem>();
        if (request.Query["name"] is [{ Length: > 0 } name, ..])
            filter._conditions.Add(r => r.Name.Contains(name, StringComparison.OrdinalIgnoreCase));
        if (request.Query["tag"].OfType<string>().Where(t => t.Length > 0).Select(Tag).ToArray() is { Length: > 0 } tags)
            filter._conditions.Add(r => r is not Dataplane dataplane || dataplane.Networking.Inbound.Any(i => tags.All(t => Has(i.Tags, t.Key, t.Value))));
        switch (((string?)request.Query["gateway"])?.ToLowerInvariant())
        {
            case null or "" or "false":
                break;
            case "true" or "builtin" or "delegated":
                filter._conditions.Add(r => r is not Dataplane);
                break;
            default:
                problems.Add(new("gateway", "expected true, false, builtin or delegated"));
                break;
        }

        foreach (var (key, values) in request.Query.Where(q => q.Key.StartsWith("filter", StringComparison.Ordinal)))
        {
            if (key.StartsWith(LabelPrefix, StringComparison.Ordinal) && key.IndexOf(']', StringComparison.Ordinal) == key.Length - 1)
                filter._conditions.Add(r => r.Labels.TryGetValue(key[LabelPrefix.Length..^1], out var value) && value == values[^1]);
            else
                problems.Add(new(key, "expected filter[labels.{key}]: lists are filtered by labels only"));
        }

        problem = problems.Count == 0 ? null
            : new ProblemAnswer(StatusCodes.Status400BadRequest, "Could not retrieve resources", "Resource is not valid", problems.ToValueList());
        return filter;
    }

    public IEnumerable<IndexedResource> Apply(IEnumerable<IndexedResource> resources) => resources.Where(r => _conditions.TrueForAll(c => c(r.Resource)));

    // A value may hold colons itself; without a value, the tag has to be there.
    private static (string Key, string Value) Tag(string text)
        => text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var separator ? (text[..separator], text[(separator + 1)..]) : (text, Selector.Any);

    private static bool Has(TagSet tags, string key, string value)
        => tags.TryGetValue(key, out var has) && (value == Selector.Any || has.Contains(value, StringComparison.Ordinal));
}
