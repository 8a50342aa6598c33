using System.Text.Json.Nodes;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>A service and how many of its proxies serve it, as Kuma's <c>ServiceInsight</c>.</summary>
/// <param name="Proxies">How many Dataplanes have an inbound of the service.</param>
/// <param name="Online">How many of their proxies are connected and ready to serve it.</param>
internal sealed record ServiceSummary(string Mesh, string Name, ResourceTimes Times, int Proxies, int Online)
{
    public string Status => Online == 0 ? "offline" : Online < Proxies ? "partially_degraded" : "online";

    /// <summary>Every service that some Dataplane of the mesh offers, by name in ordinal order.</summary>
    public static IEnumerable<ServiceSummary> All(IndexedMesh mesh)
        => mesh.Dataplanes
            .SelectMany(d => d.Dataplane.Networking.Inbound.GroupBy(i => i.Service)
                .Select(s => (Service: s.Key, d.Proxy, Ready: d.Proxy.IsOnline && s.Any(i => i.IsReady))))
            .GroupBy(s => s.Service)
            .OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => new ServiceSummary(
                mesh.State.Mesh!.Name,
                s.Key,
                new(s.Min(p => p.Proxy.Times!.Created), s.Max(p => p.Proxy.LastChange)),
                s.Count(),
                s.Count(p => p.Ready)));

    public JsonObject Write()
    {
        var dataplanes = new JsonObject { ["total"] = Proxies };
        if (Online > 0)
            dataplanes["online"] = Online;
        if (Proxies > Online)
            dataplanes["offline"] = Proxies - Online;
        return new JsonObject
        {
            ["type"] = "ServiceInsight",
            ["mesh"] = Mesh,
            ["name"] = Name,
            ["creationTime"] = ApiJson.Time(Times.Created),
            ["modificationTime"] = ApiJson.Time(Times.Modified),
            ["status"] = Status,
            ["dataplanes"] = dataplanes,
        };
    }
}
