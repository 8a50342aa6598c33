using OrleansMesh.Grains.Silos;

namespace OrleansMesh.Silo.Hosting;

/// <summary>Has the other servers know that this one is alive, for as long as it is.</summary>
internal sealed class SiloPresence(LivingSilos silos) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => silos.HoldAsync(stoppingToken);
}
