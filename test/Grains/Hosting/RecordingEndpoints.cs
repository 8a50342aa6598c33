using System.Threading.Channels;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>Keeps what it is told of a service's endpoints.</summary>
internal sealed class RecordingEndpoints : IServiceEndpointsObserver
{
    private readonly Channel<ServiceEndpoints> _endpoints = Channel.CreateUnbounded<ServiceEndpoints>();

    public Task<ServiceEndpoints> NextAsync() => _endpoints.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public Task EndpointsChanged(ServiceEndpoints endpoints) => _endpoints.Writer.WriteAsync(endpoints).AsTask();
}
