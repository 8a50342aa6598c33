using System.Runtime.InteropServices;
using Envoy.Service.Discovery.V3;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;
using OrleansMesh.XdsGateway.Sessions;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Sessions;

public sealed class SharedBufferTests
{
    private readonly SnapshotTranslator _translator = new();
    private readonly List<ProxySnapshot> _snapshots = [];

    [Fact]
    public void IdenticalResourcesOfTwoProxiesTravelAsOneBuffer()
    {
        var (one, other) = (Sent("backend-1"), Sent("backend-2"));

        Assert.Equal(one.Keys, other.Keys);
        Assert.All(one, resource =>
        {
            Assert.Same(resource.Value.Resource, other[resource.Key].Resource);
            Assert.Same(resource.Value.Buffer, other[resource.Key].Buffer);
        });
    }

    /// <summary>The clusters that a session of that proxy sends: of each the resource, and the array in the response that holds it.</summary>
    private Dictionary<string, (EncodedResource Resource, byte[] Buffer)> Sent(string proxy)
    {
        var session = new AdsSession(AdsVariant.Delta);
        var snapshot = _translator.Translate(Views.Of(proxy, "web", "db"), before: null);
        _snapshots.Add(snapshot);
        session.Set(SnapshotChange.Of(snapshot.Since(null), isFirst: true));
        session.Receive(new DeltaDiscoveryRequest { TypeUrl = XdsType.Cluster });
        Assert.True(session.TrySend(out var response));
        Assert.Equal(3, response.Resources.Count);
        var arrays = response.Segments.Select(ArrayOf).ToHashSet();
        Assert.All(response.Resources, resource => Assert.Contains(ArrayOf(resource.Body), arrays));
        return response.Resources.ToDictionary(r => r.Name, r => (r, ArrayOf(r.Body)));
    }

    private static byte[] ArrayOf(ReadOnlyMemory<byte> memory)
        => MemoryMarshal.TryGetArray(memory, out var array) ? array.Array! : throw new ArgumentException("no array", nameof(memory));
}
