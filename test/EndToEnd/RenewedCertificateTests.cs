using System.Globalization;
using System.Net;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>Certificates that live ten seconds are renewed again and again under load, and nobody notices.</summary>
[Trait("Category", "Slow")]
public sealed class RenewedCertificateTests : IAsyncLifetime
{
    /// <summary>Seconds of load; the contract is 120, which takes too long for every run.</summary>
    private static readonly int Seconds = int.Parse(Environment.GetEnvironmentVariable("ORLEANSMESH_RENEWAL_SECONDS") ?? "30", CultureInfo.InvariantCulture);

    private TwoServices _services = null!;

    public async Task InitializeAsync()
    {
        _services = await TwoServices.StartAsync(Resources.MeshWithMtls("default", certificateLifetime: "10s"));
        await _services.PermitAsync();
        await Eventually.BecomesTrue("backend answers", async () => (await _services.ToBackend.GetAsync("/")).StatusCode == HttpStatusCode.OK);
    }

    public async Task DisposeAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
    }

    [SkippableFact]
    public async Task Ten_second_certificates_under_load_fail_no_request_and_touch_no_listener_cluster_or_connection()
    {
        var sidecars = (Sidecar[])[_services.Web.Sidecar, _services.Backend.Sidecar];
        var before = await StillAsync(sidecars);
        var renewedBefore = await Task.WhenAll(sidecars.Select(RenewalsAsync));
        await using var load = SteadyLoad.Start(_services.ToBackend);

        await Task.Delay(TimeSpan.FromSeconds(Seconds));
        await load.StopAsync();

        Assert.All(load.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));
        Assert.True(load.Answers.Count > Seconds * 25, $"only {load.Answers.Count} requests were made");
        Assert.Equal(before, await StillAsync(sidecars));
        var renewed = await Task.WhenAll(sidecars.Select(RenewalsAsync));
        Assert.All(renewed.Zip(renewedBefore), r => Assert.True(r.First - r.Second >= Seconds / 10, $"renewed {r.First - r.Second} times in {Seconds} s"));

        // A new connection proves the certificate of now, not of then: a handshake with an expired one fails.
        await using var third = await Workload.StartAsync(_services.Server, "web-2", "web", "backend");
        using var fromThird = new HttpClient { BaseAddress = third.Sidecar.Spec.To("backend") };
        await Eventually.BecomesTrue("a new caller is let in", async () => (await fromThird.GetAsync("/")).StatusCode == HttpStatusCode.OK);
    }

    /// <summary>What must stand still: configuration updates, and connections between the sidecars.</summary>
    private static async Task<string> StillAsync(Sidecar[] sidecars)
    {
        var all = await Task.WhenAll(sidecars.Select(s => s.StatsAsync(
            @"^(listener_manager\.(lds\.update_success|listener_added|listener_modified|listener_removed)|cluster_manager\.(cds\.update_success|cluster_added|cluster_modified|cluster_removed)"
            + @"|cluster\.backend\.upstream_cx_(total|destroy|destroy_local|destroy_remote|connect_fail|destroy_with_active_rq)|cluster\.backend\.upstream_rq_retry)$")));

        // Web has a cluster for what it calls; a statistic that is not there would stand still too.
        Assert.Equal([15, 8], all.Select(stats => stats.Count));
        return string.Join("; ", all.Select(stats => string.Join(", ", stats.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}"))));
    }

    /// <summary>How often the sidecar took another identity by SDS.</summary>
    private static Task<long> RenewalsAsync(Sidecar sidecar) => sidecar.StatAsync("sds.identity_cert.update_success");
}
