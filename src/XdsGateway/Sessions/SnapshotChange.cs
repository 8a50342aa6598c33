using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>What a proxy's next snapshot means for its stream. Secrets are left to who joins the proxy's certificate to them.</summary>
internal static class SnapshotChange
{
    private static readonly string[] Types = [XdsType.Cluster, XdsType.Extension, XdsType.Listener, XdsType.Route];

    /// <param name="isFirst">Of each type is told that this is all there is; otherwise only of the types that changed.</param>
    public static List<TypeChange> Of(SnapshotDifference difference, bool isFirst)
    {
        var changes = new List<TypeChange>(isFirst ? Types.Length + 2 : 2);
        foreach (var type in Types)
        {
            if (!isFirst && !difference.Concerns(type))
                continue;
            var (upserted, removed) = (Upserted(difference, type).ToList(), difference.Removed.Where(r => r.TypeUrl == type).Select(r => r.Name).ToList());
            changes.Add(new TypeChange(type, Complete: true) { Upserted = upserted, Removed = removed });
        }

        return changes;
    }

    public static IEnumerable<EncodedResource> Upserted(SnapshotDifference difference, string type)
        => difference.Upserted.Where(r => r.TypeUrl == type).Select(r => r.Resource);
}
