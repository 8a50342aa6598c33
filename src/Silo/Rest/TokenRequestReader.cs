using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Silo.Rest;

/// <summary>Reads what <c>POST /tokens/dataplane</c> and <c>POST /tokens/user</c> are sent.</summary>
/// <remarks>Source of the fields: Kuma 2.14. A field that is not known or not supported is an error: it would have narrowed the token.</remarks>
internal static class TokenRequestReader
{
    /// <summary>How long a token is valid where the request does not say.</summary>
    private static readonly TimeSpan DefaultValidity = TimeSpan.FromHours(24);

    /// <summary>The mesh and what to sign, or everything that is wrong.</summary>
    public static (string Mesh, DataplaneTokenRequest? Request, ValueList<FieldProblem> Problems) ReadDataplane(string json)
    {
        var fields = RequestFields.Of(json, "a dataplane token request", out var problem);
        if (problem is not null)
            return ("", null, [problem]);
        var mesh = fields.NeededText("mesh");
        var name = fields.Text("name");
        var type = fields.Text("type");
        if (type is not "" and not "dataplane")
            fields.Report("type", $"expected dataplane; '{type}' is not supported yet");
        if (fields.Text("workload").Length > 0)
            fields.Report("workload", "is not supported yet");
        var tags = fields.TextsByKey("tags").Select(t => new TokenTag(t.Key, t.Values)).ToValueList();
        var request = new DataplaneTokenRequest(name, tags, type, fields.Validity("validFor", DefaultValidity));
        return fields.Problems() is { Count: > 0 } problems ? (mesh, null, problems) : (mesh, request, []);
    }

    /// <summary>What to sign, or everything that is wrong.</summary>
    public static (UserTokenRequest? Request, ValueList<FieldProblem> Problems) ReadUser(string json)
    {
        var fields = RequestFields.Of(json, "a user token request", out var problem);
        if (problem is not null)
            return (null, [problem]);
        var name = fields.NeededText("name");
        if (name.Length > 0 && User.ProblemOfName(name) is { } badName)
            fields.Report("name", badName);
        var groups = fields.Texts("groups");
        foreach (var (index, group) in groups.Index())
        {
            if (User.ProblemOfName(group) is { } badGroup)
                fields.Report($"groups[{index}]", badGroup);
        }

        var request = new UserTokenRequest(name, groups, fields.Validity("validFor", DefaultValidity));
        return fields.Problems() is { Count: > 0 } problems ? (null, problems) : (request, []);
    }
}
