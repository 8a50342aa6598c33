using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>What one type of a proxy's resources became.</summary>
internal static class SnapshotChange
{
    /// <param name="before">Null for a session's first snapshot.</param>
    public static TypeChange Between(string type, ProxySnapshot? before, ProxySnapshot after, ResourceInterner interner)
    {
        var now = after.OfType(type);
        var then = before?.OfType(type);
        return new TypeChange(type, Complete: true)
        {
            Upserted = [.. now.Values.Where(r => then?.GetValueOrDefault(r.Name)?.Version != r.Version).Select(r => interner.Intern(type, r))],
            Removed = then is null ? [] : [.. then.Keys.Where(name => !now.ContainsKey(name))],
        };
    }
}
