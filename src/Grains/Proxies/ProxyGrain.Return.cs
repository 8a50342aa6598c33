using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Proxies;

/// <summary>A proxy that is away has a while to return, to this silo or to another one.</summary>
public sealed partial class ProxyGrain
{
    private IGrainTimer? _grace;

    /// <summary>Waits for a proxy that is away to return; then records that it is gone.</summary>
    private async Task AwaitReturnAsync(TimeSpan period)
    {
        if (_grace is not null || !await IsAwayAsync())
            return;
        var deadSession = State.Session;
        _grace = this.RegisterGrainTimer(
            () => EndGracePeriodAsync(deadSession), new GrainTimerCreationOptions(period, Options.RetryDelay) { KeepAlive = true });
    }

    /// <summary>It is away when it has no connection here, and none that another living silo recorded.</summary>
    private async Task<bool> IsAwayAsync()
        => _live is null && (State.Session is null ? State.IsEphemeral : State.Silo == silos.Name || !await silos.IsAliveAsync(State.Silo));

    private async Task EndGracePeriodAsync(string? deadSession)
    {
        var cause = deadSession is not null ? Causes.Session(deadSession) : Causes.Event(Stream, Version);
        if (State.Session == deadSession && await IsAwayAsync()
            && (await DecideAndOfferAsync(new EndGracePeriod(deadSession), Caller.SystemFor(cause))).Outcome == Outcome.Changed)
        {
            logger.LogInformation("Proxy {Proxy} did not return", _id);
        }

        StopAwaiting();
    }

    private void StopAwaiting()
    {
        _grace?.Dispose();
        _grace = null;
    }
}
