using System.Globalization;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Silo.Hosting;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>A Dataplane with what is known of its proxy, as Kuma's <c>DataplaneOverview</c>.</summary>
internal static class DataplaneOverview
{
    private static readonly string[] InDocumentHead = ["mesh", "name", "creationTime", "modificationTime", "labels", "kri"];

    public static JsonObject Write(IndexedResource resource, IndexedMesh mesh, IndexedProxy proxy)
    {
        var document = ResourceDocument.Write(resource);
        var overview = new JsonObject { ["type"] = "DataplaneOverview" };
        foreach (var field in InDocumentHead)
        {
            if (document[field] is { } value)
                overview[field] = value.DeepClone();
        }

        overview["dataplane"] = new JsonObject { ["networking"] = document["networking"]!.DeepClone() };
        if (QuarantineDocument.Of(mesh, resource.Resource.Name) is { } quarantine)
            overview["quarantine"] = quarantine;
        if (proxy.Subscription is { } subscription)
            overview["dataplaneInsight"] = Insight(proxy, subscription);
        return overview;
    }

    private static JsonObject Insight(IndexedProxy proxy, ProxySubscription subscription)
    {
        var insight = new JsonObject { ["subscriptions"] = new JsonArray(Subscription(proxy, subscription)) };
        var mtls = proxy.State.Certificate is { } certificate ? Mtls(proxy, certificate) : [];
        if (CertificateFailureDocument.Of(proxy) is { } failure)
            mtls["issuanceFailure"] = failure;
        if (mtls.Count > 0)
            insight["mTLS"] = mtls;
        return insight;
    }

    private static JsonObject Subscription(IndexedProxy proxy, ProxySubscription subscription)
    {
        var json = new JsonObject
        {
            ["id"] = subscription.Session,
            ["controlPlaneInstanceId"] = ServerInstance.IdOf(proxy.State.Silo),
            ["connectTime"] = ApiJson.Time(subscription.ConnectedAt),
        };
        if (subscription.DisconnectedAt is { } end)
            json["disconnectTime"] = ApiJson.Time(end);

        // Counts are 64-bit integers, which JSON of protobuf writes as text.
        json["status"] = new JsonObject
        {
            ["lastUpdateTime"] = ApiJson.Time(proxy.LastChange),
            ["total"] = new JsonObject { ["responsesRejected"] = subscription.Rejections.ToString(CultureInfo.InvariantCulture) },
        };
        json["version"] = new JsonObject
        {
            ["kumaDp"] = new JsonObject { ["version"] = subscription.Agent.AgentVersion },
            ["envoy"] = new JsonObject { ["version"] = subscription.Agent.EnvoyVersion },
        };
        return json;
    }

    private static JsonObject Mtls(IndexedProxy proxy, CertificateRecord certificate) => new()
    {
        ["certificateExpirationTime"] = ApiJson.Time(certificate.NotAfter),
        ["lastCertificateRegeneration"] = ApiJson.Time(proxy.CertificateIssuedAt ?? certificate.NotBefore),
        ["certificateRegenerations"] = proxy.CertificatesIssued,
        ["issuedBackend"] = certificate.Backend,
        ["supportedBackends"] = new JsonArray(certificate.Backend),
    };
}
