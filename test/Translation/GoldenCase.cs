using System.Text.Json;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation.Endpoints;
using YamlDotNet.Serialization;

namespace OrleansMesh.Translation.Tests;

/// <summary>
/// A case: the resources of its input in universal form, seen by the first Dataplane among them. A document without a type may say
/// what does not stand in resources: <c>authority: none</c>, or the <c>revocationEpoch</c> of TCP inbounds.
/// </summary>
internal sealed class GoldenCase
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private GoldenCase(ProxyView view, IReadOnlyList<EncodedResource> endpoints) => (View, Endpoints) = (view, endpoints);

    public ProxyView View { get; }

    /// <summary>Of each service that the proxy calls.</summary>
    public IReadOnlyList<EncodedResource> Endpoints { get; }

    public static GoldenCase Read(string name)
    {
        var documents = Documents(File.ReadAllText(GoldenFolder.Input(name))).ToList();
        var mesh = documents.OfType("Mesh").Select(d => d.Deserialize<Mesh>(Json)!).Single();
        var dataplanes = documents.OfType("Dataplane").Select(d => d.Deserialize<Dataplane>(Json)!).ToList();
        var permissions = documents.OfType("TrafficPermission").Select(d => d.Deserialize<TrafficPermission>(Json)!).ToList();
        var settings = documents.FirstOrDefault(d => !d.TryGetProperty("type", out _));
        var epoch = settings.ValueKind == JsonValueKind.Object && settings.TryGetProperty("revocationEpoch", out var e) ? e.GetInt64() : 0;
        var authority = !(settings.ValueKind == JsonValueKind.Object && settings.TryGetProperty("authority", out _));

        var endpoints = dataplanes.SelectMany(d => (d.Networking.Inbound ?? []).Select(i => (i.Service, Endpoint: new Endpoint(
            i.Address ?? d.Networking.AdvertisedAddress ?? d.Networking.Address, i.Port, i.Tags, i.IsReady)))).ToLookup(s => s.Service, s => s.Endpoint);

        var self = dataplanes[0];
        var view = new ProxyView(
            new(mesh.Name, self.Name),
            mesh.EnabledBackend is { } backend
                ? new(backend.Name, [$"spiffe://{mesh.Name}/{self.Name}"], authority ? GoldenFolder.TrustBundle : "", backend.CertificateLifetime)
                : null,
            (self.Networking.Inbound ?? []).Select(i => new InboundView(
                i.Address ?? self.Networking.Address, i.Port, i.Tags, i.Protocol, i.ServiceAddress ?? "127.0.0.1", i.ServicePort ?? i.Port,
                mesh.EnabledBackend is null ? null : Governing(permissions, i.Tags), i.Protocol.IsHttp() ? 0 : epoch)).ToValueList(),
            (self.Networking.Outbound ?? []).Select(o => new OutboundView(
                o.Address ?? "127.0.0.1", o.Port, new(o.Service, TagSet.Of(o.Tags.Where(t => t.Key != TagSet.ServiceTag))),
                endpoints[o.Service].Select(e => e.Protocol).DefaultIfEmpty(Protocol.Tcp).Aggregate(Protocols.Common))).ToValueList());
        return new(view, [.. view.Outbounds.Select(o => o.Destination).Distinct().Select(d => EndpointTranslation.ForService(d, endpoints[d.Service]))]);
    }

    private static GoverningPermission? Governing(List<TrafficPermission> permissions, TagSet tags)
    {
        var matching = permissions
            .SelectMany(p => p.Destinations.Where(d => d.Match.All(m => tags.TryGetValue(m.Key, out var v) && (m.Value == Selector.Any || m.Value == v))).Select(d => (p, d)))
            .OrderByDescending(m => m.d.Match.Count).ThenByDescending(m => m.d.Match.Values.Count(v => v != Selector.Any)).ThenBy(m => m.p.Name, StringComparer.Ordinal)
            .Select(m => m.p).Distinct().ToList();
        return matching is [var best, .. var rest] ? new(best.Name, best.Sources, rest.Select(p => p.Name).ToValueList()) : null;
    }

    private static IEnumerable<JsonElement> Documents(string yaml)
    {
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var writer = new SerializerBuilder().JsonCompatible().Build();
        foreach (var document in yaml.Split("\n---\n"))
            yield return JsonDocument.Parse(writer.Serialize(reader.Deserialize(document))).RootElement;
    }
}

internal static class Documents
{
    public static IEnumerable<JsonElement> OfType(this IEnumerable<JsonElement> documents, string type)
        => documents.Where(d => d.TryGetProperty("type", out var t) && t.GetString() == type);
}
