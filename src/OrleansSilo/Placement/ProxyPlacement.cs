using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.OrleansSilo.Placement;

/// <summary>
/// Brings a proxy's grain to the silo that its proxy connected to: one that is active in another silo, since somebody asked for it there, is let go before
/// it is told of the connection, and comes up here.
/// </summary>
internal sealed class ProxyPlacement(IServiceProvider services, ILocalSiloDetails local) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.Grain is IProxyGrain proxy && context.MethodName == nameof(IProxyGrain.Connect))
            await BringHereAsync(proxy);
        await context.Invoke();
    }

    private async Task BringHereAsync(IProxyGrain proxy)
    {
        // Resolved late: this filter is a part of what makes the factory.
        var management = services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        var place = await management.GetActivationAddress(proxy);
        if (place is not null && !place.Equals(local.SiloAddress))
            await proxy.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
    }
}
