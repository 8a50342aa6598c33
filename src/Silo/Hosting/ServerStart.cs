using OrleansMesh.Domain.Resources;
using OrleansMesh.EventStore;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Files;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Hosting;

/// <summary>Makes the server ready: the log replayed, the default mesh made at the first start, the listeners up, everybody told.</summary>
internal sealed class ServerStart(
    IHostApplicationLifetime lifetime,
    IEventStore store,
    ResourceIndex index,
    IGrainFactory grains,
    Readiness readiness,
    ServerListeners listeners,
    ServerConfiguration configuration,
    DataFolder data,
    AdminToken adminToken,
    Banner banner,
    ServerFailure failure) : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(readiness.Stop);
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        data.Delete(BoundPorts.FileName);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            readiness.WaitFor("the event log to be replayed");
            await index.WaitForAsync(await store.HeadAsync(stoppingToken), stoppingToken);
            if (configuration.DefaultMesh)
                await MakeDefaultMesh(stoppingToken);
            await adminToken.MakeAtFirstStart(stoppingToken);

            readiness.WaitFor("its listeners");
            await ListenersAreUp(stoppingToken);
            var ports = listeners.Ports;
            ports.WriteTo(data);
            readiness.Ready();
            banner.Show(ports);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops before it was ready.
        }
        catch (Exception e)
        {
            failure.Stop("the server cannot be made ready", e);
        }
    }

    // Whoever deleted it does not want it back: it is made only where it never was.
    private async Task MakeDefaultMesh(CancellationToken cancellationToken)
    {
        await foreach (var _ in store.ReadStreamAsync($"mesh/{ResourceTypes.DefaultMesh}", cancellationToken: cancellationToken))
            return;
        var made = await grains.GetGrain<IMeshGrain>(ResourceTypes.DefaultMesh).ApplyMesh(new Mesh(ResourceTypes.DefaultMesh), Caller.SystemFor(Causes.Start));
        await index.WaitForAsync(made.Position, cancellationToken);
    }

    private async Task ListenersAreUp(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }
}
