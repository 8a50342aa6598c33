using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Secrets;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.History;

/// <summary>A kind of thing that has a history.</summary>
/// <param name="Singular">As a command line names it: <c>traffic-permission</c>, <c>ca</c>.</param>
/// <param name="Plural">As the API's paths name all of them.</param>
/// <param name="Scope">Whether its name is unique in a mesh or everywhere.</param>
/// <param name="StreamOf">The stream that holds its events, by mesh and name.</param>
/// <param name="Start">Its history before the first event of that stream, by its name.</param>
public sealed record HistoryKind(
    string Singular, string Plural, ResourceScope Scope, Func<string, string, string> StreamOf, Func<string, SubjectHistory> Start)
{
    /// <summary>Names one of them to a person.</summary>
    public string Title(string mesh, string name) => Scope is ResourceScope.Mesh ? $"{Singular} '{name}' of mesh '{mesh}'" : $"{Singular} '{name}'";
}

/// <summary>All kinds of things that have a history: every type of resource, and what the control plane keeps besides.</summary>
public static class HistorySubjects
{
    // A state's own JSON, as snapshots have it, with nothing of its secrets but the name of the data key.
    private static readonly JsonSerializerOptions WithoutSecrets = new(DomainJson.Options) { Converters = { new SecretNameConverter() } };

    public static readonly ValueList<HistoryKind> All =
    [
        Resource(
            ResourceTypes.Mesh,
            (_, name) => $"mesh/{name}",
            _ => OfMesh(state => state.Mesh, e => e is not (TrafficPermissionCreated or TrafficPermissionChanged or TrafficPermissionDeleted))),
        Resource(ResourceTypes.Dataplane, (mesh, name) => $"proxy/{mesh}/{name}", _ => OfProxy(all: false)),
        Resource(
            ResourceTypes.TrafficPermission,
            (mesh, _) => $"mesh/{mesh}",
            name => OfMesh(state => state.Permissions.Find(p => p.Permission.Name, name)?.Permission, _ => false)),
        Resource(ResourceTypes.Secret, (mesh, _) => $"secrets/mesh/{mesh}", OfSecret),
        Resource(ResourceTypes.GlobalSecret, (_, _) => "secrets/global", OfSecret),
        Resource(ResourceTypes.AccessRole, (_, _) => "access/global", name => OfAccess(state => state.Roles.Find(r => r.Name, name))),
        Resource(ResourceTypes.AccessRoleBinding, (_, _) => "access/global", name => OfAccess(state => state.Bindings.Find(b => b.Name, name))),
        new("proxy", "proxies", ResourceScope.Mesh, (mesh, name) => $"proxy/{mesh}/{name}", _ => OfProxy(all: true)),
        new("service", "services", ResourceScope.Mesh, (mesh, name) => $"service/{mesh}/{name}", _ => OfState<ServiceState, ServiceEvent>(ServiceState.Empty, ServiceDecider.Evolve)),
        new("ca", "certificate-authorities", ResourceScope.Mesh, (mesh, name) => $"ca/{mesh}/{name}", _ => OfState<AuthorityState, AuthorityEvent>(AuthorityState.Empty, AuthorityDecider.Evolve)),
    ];

    private static HistoryKind Resource(ResourceType type, Func<string, string, string> streamOf, Func<string, SubjectHistory> start)
        => new(type.Singular, type.Plural, type.Scope, streamOf, start);

    private static FoldedHistory<MeshState, MeshEvent, T> OfMesh<T>(Func<MeshState, T?> find, Func<MeshEvent, bool> concerns)
        where T : class, IResource
        => new(MeshState.Empty, MeshDecider.Evolve, find, resource => ResourceWriter.Write(resource), concerns);

    private static FoldedHistory<AccessState, AccessEvent, T> OfAccess<T>(Func<AccessState, T?> find)
        where T : class, IResource
        => new(AccessState.Empty, AccessDecider.Evolve, find, resource => ResourceWriter.Write(resource), _ => false);

    /// <param name="all">What happened to the proxy too, and not only to its Dataplane.</param>
    private static FoldedHistory<ProxyState, ProxyEvent, Dataplane> OfProxy(bool all)
        => new(ProxyState.Empty, ProxyDecider.Evolve, state => state.Dataplane, dataplane => ResourceWriter.Write(dataplane), _ => all);

    private static FoldedHistory<SecretsState, SecretEvent, StoredSecret> OfSecret(string name)
        => new(SecretsState.Empty, SecretsDecider.Evolve, state => state.Find(name), Document, _ => false);

    private static JsonNode Document<T>(T state) => JsonSerializer.SerializeToNode(state, WithoutSecrets)!;

    private static FoldedHistory<TState, TEvent, TState> OfState<TState, TEvent>(TState empty, Func<TState, TEvent, TState> evolve)
        where TState : class
        where TEvent : class
        => new(empty, evolve, state => state, Document, _ => true);

    private sealed class SecretNameConverter : JsonConverter<SealedSecret>
    {
        public override SealedSecret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => throw new JsonException("a secret's name alone cannot be read back");

        public override void Write(Utf8JsonWriter writer, SealedSecret value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
