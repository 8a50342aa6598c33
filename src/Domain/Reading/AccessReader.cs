using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>Reads what is particular to AccessRoles and AccessRoleBindings. Source of their form: Kong Mesh's role-based access control.</summary>
internal static class AccessReader
{
    public static AccessRole ReadRole(ObjectReader spec, string name, TagSet labels)
    {
        if (spec.IsEmpty("rules"))
            spec.Report("rules", "must have at least one element");
        var role = new AccessRole(name, spec.Objects("rules").Select(ReadRule).ToValueList()) { Labels = labels };
        spec.RefuseOthers();
        return role;
    }

    public static AccessRoleBinding ReadBinding(ObjectReader spec, string name, TagSet labels)
    {
        if (spec.IsEmpty("subjects"))
            spec.Report("subjects", "must have at least one element");
        if (spec.IsEmpty("roles"))
            spec.Report("roles", "must have at least one element");
        var binding = new AccessRoleBinding(name, spec.Objects("subjects").Select(ReadSubject).ToValueList(), spec.TextList("roles")) { Labels = labels };
        spec.RefuseOthers();
        return binding;
    }

    private static AccessRule ReadRule(ObjectReader rule)
    {
        rule.NotSupported("when");
        if (rule.IsEmpty("access"))
            rule.Report("access", $"must have at least one of {string.Join(", ", RightNames.All)}");
        var rights = new List<Right>();
        foreach (var (index, name) in rule.TextList("access").Index())
        {
            if (RightNames.Find(name) is { } right)
                rights.Add(right);
            else
                rule.Report($"access[{index}]", UnknownName.Message($"'{name}' is not a right", name, [.. RightNames.All]));
        }

        var types = rule.TextList("types");
        foreach (var (index, name) in types.Index())
        {
            if (ResourceTypes.Find(name) is null)
                rule.Report($"types[{index}]", UnknownName.Message($"'{name}' is not a resource type", name, [.. ResourceTypes.All.Select(t => t.Name)]));
        }

        var mesh = rule.Text("mesh");
        if (mesh is { Length: > 0 } && NameRules.ProblemOfMesh(mesh) is { } problem)
            rule.Report("mesh", problem);
        var read = new AccessRule(rights.ToValueList(), types, rule.TextList("names"), mesh is "" ? null : mesh);
        rule.RefuseOthers();
        return read;
    }

    private static AccessSubject ReadSubject(ObjectReader subject)
    {
        var type = AccessSubjectType.User;
        switch (subject.Text("type"))
        {
            case "User":
                break;
            case "Group":
                type = AccessSubjectType.Group;
                break;
            default:
                subject.Report("type", "must be User or Group");
                break;
        }

        var name = subject.Text("name") ?? "";
        if (User.ProblemOfName(name) is { } problem)
            subject.Report("name", problem);
        subject.RefuseOthers();
        return new AccessSubject(type, name);
    }
}
