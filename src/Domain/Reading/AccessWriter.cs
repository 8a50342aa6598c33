using System.Text.Json.Nodes;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>Writes what <see cref="AccessReader"/> reads.</summary>
internal static class AccessWriter
{
    public static void Write(JsonObject json, AccessRole role) => json["rules"] = new JsonArray([.. role.Rules.Select(Write)]);

    public static void Write(JsonObject json, AccessRoleBinding binding)
    {
        json["subjects"] = new JsonArray([.. binding.Subjects.Select(s => (JsonNode)new JsonObject { ["type"] = s.Type.ToString(), ["name"] = s.Name })]);
        json["roles"] = Texts(binding.Roles);
    }

    private static JsonNode Write(AccessRule rule)
    {
        var json = new JsonObject();
        if (rule.Types.Count > 0)
            json["types"] = Texts(rule.Types);
        if (rule.Names.Count > 0)
            json["names"] = Texts(rule.Names);
        if (rule.Mesh is not null)
            json["mesh"] = rule.Mesh;
        json["access"] = Texts(rule.Access.Select(r => r.NameOf()).ToValueList());
        return json;
    }

    private static JsonArray Texts(ValueList<string> texts) => new([.. texts.Select(t => (JsonNode?)t)]);
}
