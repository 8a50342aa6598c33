using BenchmarkDotNet.Attributes;
using Envoy.Service.Discovery.V3;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.Micro;

/// <summary>One stream's state machine, with a proxy of 20 outbounds that has everything: what one change costs for each session that it reaches.</summary>
[MemoryDiagnoser]
public class AdsExchange
{
    private static readonly string[] Types = [XdsType.Cluster, XdsType.Endpoints, XdsType.Extension, XdsType.Listener, XdsType.Route];

    private readonly AdsSession _session = new(AdsVariant.Delta);
    private readonly EncodedResource[] _endpoints = [Resource("service-00001", "a"), Resource("service-00001", "b")];
    private readonly EncodedResource[] _permissions = [Resource("permission:10.0.0.1:8080", "a"), Resource("permission:10.0.0.1:8080", "b")];
    private int _round;

    [GlobalSetup]
    public void Setup()
    {
        var snapshot = SnapshotTranslation.Translate(Sample.View(Sample.Allowing("web")));
        EncodedResource[] endpoints = [.. Sample.Dataplane.Networking.Outbound.Select(o => Resource(o.Service, "a"))];
        foreach (var type in Types)
        {
            EncodedResource[] resources = type == XdsType.Endpoints ? endpoints : [.. snapshot.OfType(type).Values];
            _session.Set([new TypeChange(type, Complete: true) { Upserted = resources }]);
            var request = new DeltaDiscoveryRequest { TypeUrl = type };
            if (type is not (XdsType.Cluster or XdsType.Listener))
                request.ResourceNamesSubscribe.Add(resources.Select(r => r.Name));
            _session.Receive(request);
        }

        Exchange();
    }

    /// <summary>One service's endpoints changed: taken in, sent, acknowledged.</summary>
    [Benchmark]
    public int EndpointChange()
    {
        _session.Set([new TypeChange(XdsType.Endpoints, Complete: true) { Upserted = [_endpoints[_round++ % 2]] }]);
        return Exchange();
    }

    /// <summary>The proxy's permission changed.</summary>
    [Benchmark]
    public int PermissionChange()
    {
        _session.Set([new TypeChange(XdsType.Extension, Complete: true) { Upserted = [_permissions[_round++ % 2]] }]);
        return Exchange();
    }

    /// <returns>How many responses were sent.</returns>
    private int Exchange()
    {
        var sent = 0;
        while (_session.TrySend(out var response))
        {
            sent++;
            _session.Receive(new DeltaDiscoveryRequest { TypeUrl = response.Type, ResponseNonce = response.Nonce });
        }

        return sent;
    }

    private static EncodedResource Resource(string name, string version) => new(name, version, new byte[1000]);
}
