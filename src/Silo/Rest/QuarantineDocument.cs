using System.Text.Json.Nodes;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>That a proxy is shut out of its mesh, as the API says it: the quarantine's <c>name</c>, <c>reason</c>, <c>since</c>.</summary>
internal static class QuarantineDocument
{
    /// <summary>Null where it is not.</summary>
    public static JsonObject? Of(IndexedMesh mesh, string proxy) => mesh.State.Quarantines.FirstOrDefault(q => q.Proxy == proxy) is { } quarantine
        ? new JsonObject
        {
            ["name"] = quarantine.Name,
            ["reason"] = quarantine.Reason,
            ["since"] = ApiJson.Time(mesh.QuarantineTimes[quarantine.Name].Created),
        }
        : null;
}
