using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>
/// What a stream has begun so far, from its first request on: a place among those that connect, an observer of the proxy, a watch over its token, a connection
/// that its grain may know of. Disposed of, it ends all of them.
/// </summary>
internal sealed class BegunSession(SessionServices services, IHostApplicationLifetime lifetime) : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private IProxySessionObserver? _observer;
    private IDisposable? _watch;

    /// <summary>Names the connection, unique among all.</summary>
    public string Name { get; } = Guid.NewGuid().ToString("N");

    public SessionInbox Inbox { get; } = new();

    public Admission.Place? Admitted { get; set; }

    public ProxyId Proxy { get; private set; }

    public ProxyAgent? Agent { get; private set; }

    public IProxyGrain? Grain { get; private set; }

    /// <summary>What the proxy has to do; null until its grain has taken the connection.</summary>
    public ProxyView? View { get; set; }

    /// <summary>The newest one of the proxy, which it may still hold.</summary>
    public CertificateRecord? Certificate { get; set; }

    /// <summary>The client is that proxy: from now on the inbox hears of what concerns it, and of its token's end.</summary>
    /// <returns>What the grain is to notify.</returns>
    public IProxySessionObserver Observe(ProxyId proxy, ProxyAgent agent, TokenIdentity token)
    {
        (Proxy, Agent, Grain) = (proxy, agent, services.Grains.GetGrain<IProxyGrain>(proxy.Key));
        _observer = services.Grains.CreateObjectReference<IProxySessionObserver>(Inbox);
        _watch = services.Tokens.Watch(proxy.Mesh, token, Inbox);
        return _observer;
    }

    public void Dispose()
    {
        Admitted?.Dispose();
        _watch?.Dispose();
        if (_observer is null)
            return;
        services.Grains.DeleteObjectReference<IProxySessionObserver>(_observer);
        _ = DisconnectAsync();
    }

    /// <summary>
    /// Also after a connection of which it is not known whether it came about. Tried until it is recorded, or else a proxy that is gone would keep its endpoints.
    /// </summary>
    private async Task DisconnectAsync()
    {
        // When the server stops, proxies come back to it or to another one: nothing of theirs has ended.
        for (var retry = FirstRetry; !lifetime.ApplicationStopping.IsCancellationRequested; retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry)
        {
            try
            {
                await Grain!.Disconnect(Name);
                return;
            }
            catch (Exception e)
            {
                services.Logger.LogWarning(e, "The end of session {Session} of proxy {Proxy} could not be recorded; trying again in {Retry}", Name, Proxy, retry);
                await Task.Delay(retry, services.Time, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
