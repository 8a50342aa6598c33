using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Translation.Secrets;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>
/// Gets one session its certificates: makes a key, has the authority sign it, and does so again before it ends. It works beside the session: an
/// authority that is slow or broken delays no other configuration.
/// </summary>
internal sealed class IdentityIssuer(
    IProxyGrain proxy, string session, SessionInbox inbox, TimeProvider time, GatewayMetrics metrics, ILogger logger) : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _ended = new();
    private ITimer? _renewal;
    private IdentityView? _wanted;
    private bool _issuing;

    /// <summary>Issues a certificate for this identity and hands it to the inbox; while one is under way, it will be for the newest identity.</summary>
    public void Issue(IdentityView identity)
    {
        _wanted = identity;
        if (_issuing)
            return;
        _issuing = true;
        _ = IssueAsync();
    }

    /// <summary>Whether a certificate is on its way.</summary>
    public bool IsIssuing => Volatile.Read(ref _issuing);

    /// <summary>From now on the inbox is told when this certificate should be replaced.</summary>
    public void RenewAt(DateTimeOffset at)
    {
        _renewal?.Dispose();
        var wait = at - time.GetUtcNow();
        _renewal = time.CreateTimer(_ => inbox.RenewalIsDue(), null, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    public void NoRenewal()
    {
        _renewal?.Dispose();
        _renewal = null;
    }

    public void Dispose()
    {
        _ended.Cancel();
        _renewal?.Dispose();
    }

    private async Task IssueAsync()
    {
        var retry = FirstRetry;
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                var wanted = _wanted!;
                var signed = await SignAsync(wanted);
                metrics.CertificatesIssued.Add(1);
                Volatile.Write(ref _issuing, false);
                inbox.CertificateIs(signed);
                return;
            }
            catch (Exception e)
            {
                metrics.CertificateFailures.Add(1);
                logger.LogError(e, "No certificate for proxy {Proxy}: the authority could not sign; it keeps what it has, trying again in {Retry}", proxy.GetPrimaryKeyString(), retry);
                await Task.Delay(retry, time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
        }
    }

    private async Task<SignedIdentity> SignAsync(IdentityView wanted)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = await proxy.IssueCertificate(session, ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()));
        var record = new CertificateRecord(issued.Serial, wanted.Backend, issued.AuthorityId, wanted.Uris, issued.NotBefore, issued.NotAfter);
        return new SignedIdentity(record, SecretTranslation.Identity(issued.ChainPem, key.ExportPkcs8PrivateKeyPem(), issued.Serial));
    }
}
