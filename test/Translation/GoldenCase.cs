using System.Globalization;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation.Endpoints;

namespace OrleansMesh.Translation.Tests;

/// <summary>
/// A case: the resources of its input, seen by the first Dataplane among them. Comments that begin with <c>#!</c> say what resources do not:
/// <c>#! authority: none</c> (no authority could be had), <c>#! revocationEpoch: 2</c> (of every TCP inbound).
/// </summary>
internal sealed record GoldenCase(ProxyView View, IReadOnlyList<EncodedResource> Endpoints)
{
    public static GoldenCase Read(string name)
    {
        var text = File.ReadAllText(GoldenFolder.Input(name));
        var resources = ResourceReader.Read(text)
            .Select(r => r.Resource ?? throw new InvalidDataException($"{name}: {string.Join("; ", r.Problems)}")).ToList();
        var backend = resources.OfType<Mesh>().Single().EnabledBackend;
        var dataplanes = resources.OfType<Dataplane>().ToList();
        var permissions = PermissionIndex.Of(resources.OfType<TrafficPermission>().Select((p, created) => new PlacedPermission(p, created)));
        var endpoints = dataplanes.SelectMany(Offered).SelectMany(o => o.Endpoints.Select(e => (o.Service, Endpoint: e))).ToLookup(o => o.Service, o => o.Endpoint);

        var self = dataplanes[0];
        var governing = self.Networking.Inbound.Select(i => permissions.Govern(i.Tags)).ToList();
        var epoch = long.Parse(Note(text, "revocationEpoch") ?? "0", CultureInfo.InvariantCulture);
        var quarantined = resources.OfType<ProxyQuarantine>().Select(q => q.Proxy).Order(StringComparer.Ordinal).ToValueList();
        var recorded = TcpRevocation.SourcesInForce(self, backend, governing, quarantined).Select(i => new TcpSourcesSet(i.Port, i.Sources, epoch, i.Address)).ToValueList();
        var view = ProxyViews.Compute(
            self,
            backend,
            governing,
            service => endpoints[service].Select(e => e.Protocol).DefaultIfEmpty(Protocol.Tcp).Aggregate(Protocols.Common),
            backend is null || Note(text, "authority") is not null ? null : new TrustView(backend.Name, "aa", GoldenFolder.TrustBundle, ConfirmBundle: null),
            recorded,
            quarantined);
        return new(view, [.. view.Outbounds.Select(o => o.Destination).Distinct().Select(d => EndpointTranslation.ForService(d, endpoints[d.Service]))]);
    }

    private static IEnumerable<OfferedEndpoints> Offered(Dataplane dataplane) => OfferedEndpoints.Of(ProxyState.Empty with
    {
        Dataplane = dataplane,
        Serving = true,
        KnownServices = dataplane.Networking.Inbound.Select(i => i.Service).Distinct().ToValueList(),
    });

    private static string? Note(string text, string key)
        => text.Split('\n').FirstOrDefault(line => line.StartsWith($"#! {key}: ", StringComparison.Ordinal)) is { } line ? line[$"#! {key}: ".Length..] : null;
}
