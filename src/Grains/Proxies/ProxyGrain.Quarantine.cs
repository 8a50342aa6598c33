using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Proxies;

/// <summary>Whether the mesh shuts the proxy out. The mesh decides; what follows for the proxy is in its own stream.</summary>
public sealed partial class ProxyGrain
{
    // The mesh could not be asked, or what it said not be recorded.
    private bool _quarantineUnknown;

    public async Task FollowQuarantine(Caller caller)
    {
        try
        {
            await FollowQuarantineAsync(await Mesh.FindQuarantine(_id.Name) is not null, caller);
            _quarantineUnknown = false;
        }
        catch (Exception e)
        {
            logger.LogError(e, "Proxy {Proxy} could not learn whether it is quarantined", _id);
            _quarantineUnknown = true;
            RetryLater();
        }
    }

    private async Task FollowQuarantineAsync(bool quarantined, Caller caller)
    {
        if (quarantined != State.Quarantined && (await DecideAndOfferAsync(new FollowQuarantine(quarantined), caller)).Outcome == Outcome.Changed)
            logger.LogWarning("Proxy {Proxy} is {Quarantine} by {Actor}", _id, quarantined ? "quarantined" : "no longer quarantined", caller.Actor);
    }
}
