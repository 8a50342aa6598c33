using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.ControlPlanes;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Secrets;
using OrleansMesh.Domain.Services;
using OrleansMesh.EventStore;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Silo.Index;

/// <summary>Folds the log into the index, with the domain's own functions and nothing decided anew.</summary>
public static class IndexFold
{
    /// <summary>The state after the event.</summary>
    /// <exception cref="UnreadableEventException">The event is not one that this version of the server knows, or it is not in its place.</exception>
    public static IndexState Apply(IndexState state, RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(recorded);
        var happened = EventCodec.Decode(recorded.Type, recorded.Data.Span);
        return Apply(state, recorded, happened) with { Position = recorded.Position, LastNews = IsNews(happened) ? recorded.Position : state.LastNews };
    }

    private static bool IsNews(object happened)
        => happened is not (CertificateIssued or CertificateNotIssued or ConfigurationRejected or ConfigurationAccepted or ProxySecretsHeld);

    private static IndexState Apply(IndexState state, RecordedEvent recorded, object happened)
    {
        var parts = recorded.Stream.Split('/');
        if (parts is ["control-plane", _] && happened is ControlPlaneEvent)
            return state;
        var at = recorded.Context.At;
        if ((parts, happened) is (["secrets", SecretsKeys.Global], SecretEvent global))
            return state with { GlobalSecrets = state.GlobalSecrets.After(global, at) };
        if ((parts, happened) is (["access", IAccessGrain.Key], AccessEvent access))
            return state with { Access = state.Access.After(access, at) };
        var name = parts is ["secrets", "mesh", var of] ? of : parts.Length > 1 ? parts[1] : "";
        var mesh = state.Meshes.GetValueOrDefault(name, IndexedMesh.Unknown);
        var next = (parts, happened) switch
        {
            (["mesh", _], MeshEvent e) => Apply(mesh, e, at),
            (["proxy", _, var proxy], ProxyEvent e) => mesh with
            {
                Proxies = mesh.Proxies.SetItem(proxy, Apply(mesh.Proxies.GetValueOrDefault(proxy, IndexedProxy.Unknown), e, at)),
            },
            (["service", _, var service], ServiceEvent e) => mesh with
            {
                Services = mesh.Services.SetItem(service, Apply(mesh.Services.GetValueOrDefault(service), e, at)),
            },
            (["secrets", "mesh", _], SecretEvent e) => mesh with { Secrets = mesh.Secrets.After(e, at) },
            (["ca", _, var backend], AuthorityEvent e) => mesh with
            {
                Authorities = mesh.Authorities.SetItem(
                    backend, AuthorityDecider.Evolve(mesh.Authorities.GetValueOrDefault(backend, AuthorityState.Empty), e)),
            },
            _ => throw new UnreadableEventException(
                $"event at position {recorded.Position}: '{recorded.Type}' does not belong in stream '{recorded.Stream}'"),
        };
        return state with { Meshes = state.Meshes.SetItem(name, next) };
    }

    private static IndexedMesh Apply(IndexedMesh mesh, MeshEvent happened, DateTimeOffset at)
    {
        var next = mesh with { State = MeshDecider.Evolve(mesh.State, happened) };
        return happened switch
        {
            MeshCreated => next with { Times = new(at, at) },
            MeshChanged => next with { Times = Touched(mesh.Times, at) },
            MeshDeleted => next with { Times = null, PermissionTimes = mesh.PermissionTimes.Clear(), QuarantineTimes = mesh.QuarantineTimes.Clear() },
            TrafficPermissionCreated e => next with { PermissionTimes = mesh.PermissionTimes.SetItem(e.Permission.Name, new(at, at)) },
            TrafficPermissionChanged e => next with
            {
                PermissionTimes = mesh.PermissionTimes.SetItem(
                    e.Permission.Name, Touched(mesh.PermissionTimes.GetValueOrDefault(e.Permission.Name), at)),
            },
            TrafficPermissionDeleted e => next with { PermissionTimes = mesh.PermissionTimes.Remove(e.Name) },
            ProxyQuarantineCreated e => next with { QuarantineTimes = mesh.QuarantineTimes.SetItem(e.Quarantine.Name, new(at, at)) },
            ProxyQuarantineChanged e => next with
            {
                QuarantineTimes = mesh.QuarantineTimes.SetItem(e.Quarantine.Name, Touched(mesh.QuarantineTimes.GetValueOrDefault(e.Quarantine.Name), at)),
            },
            ProxyQuarantineDeleted e => next with { QuarantineTimes = mesh.QuarantineTimes.Remove(e.Name) },
            _ => next,
        };
    }

    private static IndexedProxy Apply(IndexedProxy proxy, ProxyEvent happened, DateTimeOffset at)
    {
        var next = proxy with { State = ProxyDecider.Evolve(proxy.State, happened), LastChange = at };
        return happened switch
        {
            DataplaneCreated => next with { Times = new(at, at), CertificatesIssued = 0, CertificateIssuedAt = null },
            DataplaneChanged => next with { Times = Touched(proxy.Times, at) },
            DataplaneDeleted => next with { Times = null, CertificatesIssued = 0, CertificateIssuedAt = null, CertificateFailingSince = null },
            ProxyConnected e => next with
            {
                Subscription = new(e.Session, e.Agent, at, null, 0),
                RejectedSince = IndexedProxy.EmptyTimes,
                CertificateFailingSince = null,
            },
            ProxyDisconnected e => next with
            {
                Subscription = proxy.Subscription is { } last && last.Session == e.Session ? last with { DisconnectedAt = at } : proxy.Subscription,
            },
            CertificateIssued => next with
            {
                CertificatesIssued = proxy.CertificatesIssued + 1,
                CertificateIssuedAt = at,
                CertificateFailingSince = null,
            },
            CertificateNotIssued => next with { CertificateFailingSince = at },
            ConfigurationRejected e => next with
            {
                Subscription = proxy.Subscription is { } current ? current with { Rejections = current.Rejections + 1 } : null,
                RejectedSince = proxy.RejectedSince.SetItem(e.Rejection.TypeUrl, at),
            },
            ConfigurationAccepted e => next with { RejectedSince = proxy.RejectedSince.Remove(e.TypeUrl) },
            _ => next,
        };
    }

    private static IndexedService Apply(IndexedService? service, ServiceEvent happened, DateTimeOffset at)
        => new(ServiceDecider.Evolve(service?.State ?? ServiceState.Empty, happened), Touched(service?.Times, at));

    private static ResourceTimes Touched(ResourceTimes? times, DateTimeOffset at) => new(times?.Created ?? at, at);
}
