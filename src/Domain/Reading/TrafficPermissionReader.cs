using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>Reads what is particular to a TrafficPermission. Rules: Kuma 2.14 <c>traffic_permission_validator.go</c>.</summary>
internal static class TrafficPermissionReader
{
    public static TrafficPermission Read(ObjectReader spec, string mesh, string name, TagSet labels, ProblemList problems)
    {
        var permission = new TrafficPermission(mesh, name, ReadSelectors(spec, "sources", problems), ReadSelectors(spec, "destinations", problems))
        {
            Labels = labels,
        };
        spec.RefuseOthers();
        return permission;
    }

    private static ValueList<Selector> ReadSelectors(ObjectReader spec, string field, ProblemList problems)
    {
        if (spec.IsEmpty(field))
            spec.Report(field, "must have at least one element");
        return spec.Objects(field).Select(selector => ReadSelector(selector, problems)).ToValueList();
    }

    private static Selector ReadSelector(ObjectReader selector, ProblemList problems)
    {
        var read = new Selector(TagRules.SelectorTags(selector, problems));
        selector.RefuseOthers();
        return read;
    }
}
