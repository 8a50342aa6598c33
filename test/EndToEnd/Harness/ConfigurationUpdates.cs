namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>How often Envoys were sent listeners and clusters: what stands still when they are sent nothing that they hold.</summary>
internal static class ConfigurationUpdates
{
    public static async Task<string> OfAsync(params Sidecar[] sidecars)
    {
        var updates = new List<string>();
        foreach (var sidecar in sidecars)
        {
            var stats = await sidecar.StatsAsync(@"^(listener_manager\.lds|cluster_manager\.cds)\.update_success$");
            Assert.Equal(2, stats.Count);
            updates.AddRange(stats.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{sidecar.Spec.Name} {s.Key}={s.Value}"));
        }

        return string.Join(", ", updates);
    }
}
