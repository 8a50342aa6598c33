using System.Globalization;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
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
        var mesh = resources.OfType<Mesh>().Single();
        var dataplanes = resources.OfType<Dataplane>().ToList();
        var permissions = PermissionIndex.Of(resources.OfType<TrafficPermission>().Select((p, created) => new PlacedPermission(p, created)));
        var endpoints = dataplanes.SelectMany(d => d.Networking.Inbound.Select(i => (d.Networking, Inbound: i)))
            .ToLookup(e => e.Inbound.Service, e => Endpoint(e.Networking, e.Inbound));

        var self = dataplanes[0];
        var view = new ProxyView(
            new(mesh.Name, self.Name),
            mesh.EnabledBackend is { } backend ? Identity(mesh, self, backend, Note(text, "authority") is null) : null,
            self.Networking.Inbound.Select(i => Inbound(self.Networking, i, permissions, Note(text, "revocationEpoch"))).ToValueList(),
            self.Networking.Outbound.Select(o => Outbound(o, endpoints[o.Service])).ToValueList());
        return new(view, [.. view.Outbounds.Select(o => o.Destination).Distinct().Select(d => EndpointTranslation.ForService(d, endpoints[d.Service]))]);
    }

    private static IdentityView Identity(Mesh mesh, Dataplane self, CertificateAuthorityBackend backend, bool authority) => new(
        backend.Name,
        self.Networking.Inbound.Select(i => $"spiffe://{mesh.Name}/{i.Service}").ToValueList(),
        authority ? GoldenFolder.TrustBundle : "",
        backend.CertificateLifetime);

    private static InboundView Inbound(DataplaneNetworking networking, Inbound inbound, PermissionIndex permissions, string? epoch) => new(
        inbound.Address ?? networking.Address,
        inbound.Port,
        inbound.Tags,
        inbound.Protocol,
        inbound.ServiceAddress ?? "127.0.0.1",
        inbound.ServicePort ?? inbound.Port,
        permissions.Govern(inbound.Tags),
        epoch is null || inbound.Protocol.IsHttp() ? 0 : long.Parse(epoch, CultureInfo.InvariantCulture));

    private static OutboundView Outbound(Outbound outbound, IEnumerable<Endpoint> endpoints) => new(
        outbound.Address ?? "127.0.0.1",
        outbound.Port,
        new(outbound.Service, TagSet.Of(outbound.Tags.Where(t => t.Key != TagSet.ServiceTag))),
        endpoints.Select(e => e.Protocol).DefaultIfEmpty(Protocol.Tcp).Aggregate(Protocols.Common));

    private static Endpoint Endpoint(DataplaneNetworking networking, Inbound inbound)
        => new(inbound.Address ?? networking.AdvertisedAddress ?? networking.Address, inbound.Port, inbound.Tags, inbound.IsReady);

    private static string? Note(string text, string key)
        => text.Split('\n').FirstOrDefault(line => line.StartsWith($"#! {key}: ", StringComparison.Ordinal)) is { } line ? line[$"#! {key}: ".Length..] : null;
}
