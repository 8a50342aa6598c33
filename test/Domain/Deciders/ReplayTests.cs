using System.Text.Json;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;
using static OrleansMesh.Domain.Tests.Deciders.Samples;

namespace OrleansMesh.Domain.Tests.Deciders;

/// <summary>What is replayed from the store, all of it or from a snapshot on, is what was there before.</summary>
public sealed class ReplayTests
{
    private const int Sequences = 300;
    private const int MostCommands = 60;
    private static readonly string[] Services = ["web", "api", "db", "*"];
    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public void Of_meshes() => Run(MeshState.Empty, RandomMeshCommand, MeshDecider.Decide, MeshDecider.Evolve);

    [Fact]
    public void Of_services() => Run(ServiceState.Empty, RandomEndpoints, ServiceDecider.Decide, ServiceDecider.Evolve);

    [Fact]
    public void Of_proxies() => Run(ProxyState.Empty, RandomProxyCommand, ProxyDecider.Decide, ProxyDecider.Evolve);

    [Fact]
    public void Of_authorities() => Run(AuthorityState.Empty, RandomAuthorityCommand, AuthorityDecider.Decide, AuthorityDecider.Evolve);

    private static void Run<TState, TEvent, TCommand>(
        TState empty,
        Func<Random, TCommand> randomCommand,
        Func<TCommand, TState, Decision<TEvent>> decide,
        Func<TState, TEvent, TState> evolve)
        where TEvent : notnull
    {
        var eventTypes = new HashSet<Type>();
        for (var seed = 0; seed < Sequences; seed++)
        {
            var random = new Random(seed);
            var state = empty;
            List<TEvent> events = [];
            var (snapshot, snapshotVersion, snapshotAfter) = (JsonSerializer.Serialize(empty, DomainJson.Options), 0, random.Next(MostCommands));
            for (var i = 0; i < MostCommands; i++)
            {
                foreach (var decided in decide(randomCommand(random), state).Events)
                {
                    state = evolve(state, decided);
                    events.Add(decided);
                    eventTypes.Add(decided.GetType());
                }

                if (i == snapshotAfter)
                    (snapshot, snapshotVersion) = (JsonSerializer.Serialize(state, DomainJson.Options), events.Count);
            }

            Assert.Equal(state, Replay.Stored(empty, events, evolve));
            Assert.Equal(state, Replay.Stored(JsonSerializer.Deserialize<TState>(snapshot, DomainJson.Options)!, events.Skip(snapshotVersion), evolve));
        }

        // Sequences that never make some event would prove nothing about it.
        Assert.Equal(EventCodec.EventTypes.Values.Where(type => type.IsSubclassOf(typeof(TEvent))).ToHashSet(), eventTypes);
    }

    private static MeshCommand RandomMeshCommand(Random random) => random.Next(24) switch
    {
        10 or 11 => new TrustAuthority(Trusted(random), At(random), TimeSpan.FromSeconds(random.Next(60))),
        12 or 13 or 14 => new AdvanceRotation(Facts(random), random.Next(4) > 0, At(random), TimeSpan.FromSeconds(random.Next(60))),
        15 => new ForceRotation(Facts(random), At(random)),
        16 => new ReverseRotation(At(random), TimeSpan.FromSeconds(random.Next(60))),
        17 => new PauseRotation(),
        18 or 19 => new ResumeRotation(),
        0 or 1 => new ApplyMesh(random.Next(4) switch
        {
            0 => PlainMesh,
            1 => SecureMesh,
            2 => MeshWith(null, Backend("ca-1"), Backend("ca-2", 2048)),
            _ => MeshWith("ca-2", Backend("ca-2", random.Next(2) == 0 ? null : 2048)) with { Labels = TagSet.Of(("team", Pick(random, Names))) },
        }),
        2 => new DeleteMesh(random.Next(4) == 0 ? 0 : 2),
        3 => new DeleteTrafficPermission(Pick(random, Names)),
        5 => new DeleteProxyQuarantine(Pick(random, Names)),
        6 or 7 => new ApplyProxyQuarantine(new ProxyQuarantine("default", Pick(random, Names), Pick(random, Names), random.Next(2) == 0 ? null : "stolen")),
        4 => new ChangeDataplaneTokens(random.Next(4) switch
        {
            0 => new AddSigningKey(new TokenSigningKey($"{random.Next(4)}", "AA==", Secret(random)), OnlyTheFirst: random.Next(2) == 0),
            1 => new RemoveSigningKey($"{random.Next(4)}"),
            2 => new RevokeTokens([$"{random.Next(4)}", $"{random.Next(4)}"]),
            _ => new LiftRevocations([$"{random.Next(4)}"]),
        }),
        _ => new ApplyTrafficPermission(Permission(Pick(random, Names), Pick(random, Services), Pick(random, Services))),
    };

    private static TrustedAuthority Trusted(Random random)
    {
        var id = random.Next(3);
        return new TrustedAuthority($"{id}", $"ca-{1 + (id % 2)}", $"root {id}", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));
    }

    private static TrustFacts Facts(Random random) => new(
        random.Next(12), random.Next(2) == 0 ? [] : ["a"], random.Next(2) == 0 ? [] : [new AuthorityUse($"{random.Next(3)}", ["b"])]);

    private static DateTimeOffset At(Random random) => DateTimeOffset.UnixEpoch.AddSeconds(random.Next(1000));

    private static SetEndpoints RandomEndpoints(Random random)
        => new(
            Pick(random, Names),
            Enumerable.Range(0, random.Next(3))
                .Select(_ => new Endpoint(
                    $"10.0.0.{random.Next(3)}",
                    80 + random.Next(3),
                    TagSet.Of((TagSet.ServiceTag, "web"), (TagSet.ProtocolTag, Pick(random, ["http", "http2", "tcp"]))),
                    random.Next(2) == 0))
                .ToValueList());

    private static ProxyCommand RandomProxyCommand(Random random)
    {
        var session = $"s{random.Next(3)}";
        return random.Next(16) switch
        {
            13 => new ReportHeld(session, new HeldSecrets($"bundle-{random.Next(2)}", random.Next(2) == 0 ? null : "aa")),
            0 => new ApplyDataplane(RandomDataplane(random)),
            1 => new DeleteDataplane(),
            2 or 3 => new ConnectProxy(session, random.Next(3) == 0 ? null : RandomDataplane(random), new ProxyAgent("1.40.0", "", "delta")),
            4 => new DisconnectProxy(session),
            5 => new EndGracePeriod(random.Next(2) == 0 ? null : session),
            6 => new AnnounceLeave(),
            7 => new ReportListening(session),
            8 => new ReportRejected(session, new ConfigurationRejection($"type-{random.Next(2)}", [Pick(random, Names)], "no")),
            9 => new ReportAccepted(session, $"type-{random.Next(2)}"),
            10 => new RecordCertificate(session, new CertificateRecord(
                $"{random.Next():x}", "ca-1", "aa", ["spiffe://default/web"], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(random.Next()))),
            11 => new RecordCertificateFailure(session, new CertificateFailure($"ca-{random.Next(2)}", "no key")),
            12 => new FollowQuarantine(random.Next(3) == 0),
            _ => new RecordTcpSources(Enumerable.Range(0, random.Next(3))
                .Select(i => new InboundSources(80 + i, random.Next(2) == 0 ? null : "10.0.0.9", [ForService(Pick(random, Services))])
                {
                    Quarantined = random.Next(2) == 0 ? [] : [Pick(random, Names)],
                })
                .ToValueList()),
        };
    }

    private static Dataplane RandomDataplane(Random random)
        => Dataplane(
            "a",
            [.. Enumerable.Range(0, 1 + random.Next(2)).Select(i => Inbound(80 + i, Pick(random, Services), Pick(random, ["http", "tcp"])))],
            [.. Enumerable.Range(0, random.Next(2)).Select(i => Outbound(10000 + i, Pick(random, Services)))]);

    private static AuthorityCommand RandomAuthorityCommand(Random random) => random.Next(8) switch
    {
        0 => new DeleteAuthority(),
        1 or 2 => new RetireAuthority($"{random.Next(4)}"),
        _ => new CreateAuthority(
            new AuthorityCreated(
                "pem", $"{random.Next(4)}", Secret(random), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(random.Next(9)), Backend("ca-1").Conf),
            random.Next(2) == 0 ? null : $"{random.Next(4)}"),
    };

    private static SealedSecret Secret(Random random) => new($"{random.Next():x}", "AA==", "AA==", "AA==");

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
}
