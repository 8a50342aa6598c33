using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Proxies;

/// <summary>Decides what becomes of a proxy. What is reported for a session that is not the present one changes nothing.</summary>
public static class ProxyDecider
{
    public static Decision<ProxyEvent> Decide(ProxyCommand command, ProxyState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return command switch
        {
            ApplyDataplane { Dataplane: var dataplane } => Apply(dataplane, state),
            DeleteDataplane => state.Dataplane is null
                ? Decision.NotFound<ProxyEvent>()
                : Decision.Deleted<ProxyEvent>([.. EndSession(state), new DataplaneDeleted("deleted by the API")]),
            ConnectProxy connect => Connect(connect, state),
            DisconnectProxy { Session: var session } => When(session == state.Session, new ProxyDisconnected(session)),
            EndGracePeriod { DeadSession: var dead } => EndGracePeriod(dead, state),
            AnnounceLeave => When(state is { Dataplane: not null, Left: false }, new ProxyLeft()),
            ReportListening { Session: var session } => When(
                session == state.Session && state is { Dataplane: not null, Serving: false, Left: false },
                new ProxyListening(session)),
            ReportRejected { Session: var session, Rejection: var rejection } => When(
                session == state.Session && !rejection.Equals(state.Rejections.Find(TypeOf, rejection.TypeUrl)),
                new ConfigurationRejected(rejection)),
            ReportAccepted { Session: var session, TypeUrl: var type } => When(
                session == state.Session && state.Rejections.Find(TypeOf, type) is not null,
                new ConfigurationAccepted(type)),
            ReportHeld { Session: var session, Held: var held } => When(
                session == state.Session && held != state.Held,
                new ProxySecretsHeld(held)),
            RecordCertificate { Session: var session, Certificate: var certificate } => When(
                session == state.Session,
                new CertificateIssued(certificate)),
            RecordCertificateFailure { Session: var session, Failure: var failure } => When(
                session == state.Session && failure.Backend != state.CertificateFailure?.Backend,
                new CertificateNotIssued(failure)),
            FollowQuarantine { Quarantined: var quarantined } => quarantined == state.Quarantined ? Decision.Unchanged<ProxyEvent>()
                : quarantined ? Changed([.. EndSession(state), new ProxyQuarantined()])
                : Changed([new ProxyQuarantineLifted()]),
            RecordTcpSources { Sources: var sources } => Changed([.. TcpRevocation.Record(state.TcpSources, sources)]),
            _ => throw new ArgumentException($"{command} is not known", nameof(command)),
        };
    }

    /// <exception cref="ArgumentException">The event is not one of a proxy's.</exception>
    public static ProxyState Evolve(ProxyState state, ProxyEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        return happened switch
        {
            DataplaneCreated e => WithDataplane(state, e.Dataplane, e.Origin),
            DataplaneChanged e => WithDataplane(state, e.Dataplane, e.Origin),
            DataplaneDeleted => state with { Dataplane = null, Origin = default, Serving = false, Left = false, Certificate = null, Held = null, CertificateFailure = null },
            ProxyConnected e => state with { Session = e.Session, Silo = e.Silo, Agent = e.Agent, Left = false, Rejections = [], CertificateFailure = null },
            ProxyDisconnected => state with { Session = null },
            ProxyListening => state with { Serving = true },
            ProxyLeft => state with { Serving = false, Left = true },
            ProxyQuarantined => state with { Quarantined = true },
            ProxyQuarantineLifted => state with { Quarantined = false },
            ProxySecretsHeld e => state with { Held = e.Held },
            CertificateIssued e => state with { Certificate = e.Certificate, CertificateFailure = null },
            CertificateNotIssued e => state with { CertificateFailure = e.Failure },
            ConfigurationRejected e => state with { Rejections = state.Rejections.With(TypeOf, e.Rejection) },
            ConfigurationAccepted e => state with { Rejections = state.Rejections.Without(TypeOf, e.TypeUrl) },
            TcpSourcesSet e => state with { TcpSources = state.TcpSources.With(TcpRevocation.Key, e) },
            _ => throw new ArgumentException($"{happened} is not known", nameof(happened)),
        };
    }

    private static Decision<ProxyEvent> Apply(Dataplane dataplane, ProxyState state)
        => state.Dataplane is null ? Decision.Created<ProxyEvent>(new DataplaneCreated(dataplane, DataplaneOrigin.Api))
            : dataplane == state.Dataplane && state.Origin == DataplaneOrigin.Api ? Decision.Unchanged<ProxyEvent>()
            : Decision.Changed<ProxyEvent>(new DataplaneChanged(dataplane, DataplaneOrigin.Api));

    private static Decision<ProxyEvent> Connect(ConnectProxy connect, ProxyState state)
    {
        if ((connect.Dataplane ?? state.Dataplane) is not { } dataplane)
            return Decision.Refused<ProxyEvent>(new FieldProblem("", "expected a Dataplane: the proxy presented none and none is stored"));
        if (state.Quarantined)
            return Decision.Refused<ProxyEvent>(new FieldProblem("", "it is quarantined"));
        List<ProxyEvent> events = [];
        if (state.Dataplane is null)
            events.Add(new DataplaneCreated(dataplane, DataplaneOrigin.Proxy));
        else if (dataplane != state.Dataplane)
            events.Add(new DataplaneChanged(dataplane, state.Origin));
        if (connect.Session != state.Session)
            events.Add(new ProxyConnected(connect.Session, connect.Agent, connect.Silo));
        return Changed([.. events]);
    }

    private static Decision<ProxyEvent> EndGracePeriod(string? deadSession, ProxyState state)
    {
        if (state.Session != deadSession)
            return Decision.Unchanged<ProxyEvent>();
        return Changed([.. EndSession(state), .. state.IsEphemeral ? [new DataplaneDeleted("its proxy is gone")] : Array.Empty<ProxyEvent>()]);
    }

    private static IEnumerable<ProxyEvent> EndSession(ProxyState state) => state.Session is { } session ? [new ProxyDisconnected(session)] : [];

    private static ProxyState WithDataplane(ProxyState state, Dataplane dataplane, DataplaneOrigin origin) => state with
    {
        Dataplane = dataplane,
        Origin = origin,

        // A Dataplane that the API made serves from the start: nobody may ever connect for it. Only a proxy that announced its leave has to connect anew.
        Serving = state.Serving || (origin == DataplaneOrigin.Api && !state.Left),
        KnownServices = dataplane.Networking.Inbound.Aggregate(state.KnownServices, (known, inbound) => known.With(service => service, inbound.Service)),
    };

    private static Decision<ProxyEvent> When(bool applies, ProxyEvent happens) => Changed(applies ? [happens] : []);

    private static Decision<ProxyEvent> Changed(ReadOnlySpan<ProxyEvent> events)
        => events.IsEmpty ? Decision.Unchanged<ProxyEvent>() : Decision.Changed(events);

    private static string TypeOf(ConfigurationRejection rejection) => rejection.TypeUrl;
}
