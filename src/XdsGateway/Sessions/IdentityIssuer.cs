using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Translation.Secrets;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>
/// Gets one session its certificates: makes a key, has the authority sign it, and does so again before it ends. It works beside the session: an
/// authority that is slow or broken delays no other configuration. Called from the session's loop only.
/// </summary>
internal sealed class IdentityIssuer(
    IProxyGrain proxy, string session, SessionInbox inbox, TimeProvider time, GatewayMetrics metrics, ILogger logger) : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    /// <summary>Timers take no more than some weeks, and a certificate may live for years: the session asks again.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private CancellationTokenSource? _underWay;
    private ITimer? _renewal;
    private volatile IdentityView? _wanted;

    /// <summary>Issues a certificate for this identity and hands it to the inbox; while one is under way, that will be for the newest identity.</summary>
    public void Issue(IdentityView identity) => Issue(identity, TimeSpan.Zero);

    /// <summary>The certificate that was handed in is of no use, although it was made for this identity: another one, but not as fast as one can be made.</summary>
    public void IssueAnother(IdentityView identity) => Issue(identity, FirstRetry);

    /// <summary>The session has taken the certificate out of the inbox.</summary>
    public void Delivered() => Cancel();

    /// <summary>From now on the inbox is told when this certificate should be replaced, or asked about again.</summary>
    public void RenewAt(DateTimeOffset at)
    {
        _renewal?.Dispose();
        var wait = at - time.GetUtcNow();
        wait = wait < FirstRetry ? FirstRetry : wait > LongestTimer ? LongestTimer : wait;
        _renewal = time.CreateTimer(_ => inbox.RenewalIsDue(), null, wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>No certificate is wanted any more.</summary>
    public void Stop()
    {
        Cancel();
        _renewal?.Dispose();
        _renewal = null;
    }

    public void Dispose() => Stop();

    private void Issue(IdentityView identity, TimeSpan delay)
    {
        _wanted = identity;
        if (_underWay is not null)
            return;
        _underWay = new CancellationTokenSource();
        _ = IssueAsync(delay, _underWay.Token);
    }

    private void Cancel()
    {
        _underWay?.Cancel();
        _underWay?.Dispose();
        _underWay = null;
    }

    private async Task IssueAsync(TimeSpan delay, CancellationToken cancelled)
    {
        await PauseAsync(delay, cancelled);
        var retry = FirstRetry;
        while (!cancelled.IsCancellationRequested)
        {
            try
            {
                var wanted = _wanted!;
                var signed = await SignAsync(wanted.RsaBits);
                metrics.CertificatesIssued.Add(1);
                if (!wanted.Equals(_wanted))
                    continue;
                if (!cancelled.IsCancellationRequested)
                    inbox.CertificateIs(signed);
                return;
            }
            catch (Exception e) when (!cancelled.IsCancellationRequested)
            {
                metrics.CertificateFailures.Add(1);
                logger.LogError(e, "No certificate for proxy {Proxy}: the authority could not sign; it keeps what it has, trying again in {Retry}", proxy.GetPrimaryKeyString(), retry);
                await PauseAsync(retry, cancelled);
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
            catch (Exception e)
            {
                logger.LogDebug(e, "A certificate that proxy {Proxy} needs no longer was not signed", proxy.GetPrimaryKeyString());
            }
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancelled)
    {
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, time, cancelled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<SignedIdentity> SignAsync(int? rsaBits)
    {
        // Making an RSA key takes a while, so it is not done on the session's loop.
        using AsymmetricAlgorithm key = rsaBits is { } bits ? await Task.Run(() => RSA.Create(bits)) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = await proxy.IssueCertificate(session, ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()));
        return new SignedIdentity(issued.Record, SecretTranslation.Identity(issued.ChainPem, key.ExportPkcs8PrivateKeyPem(), issued.Record.Serial));
    }
}
