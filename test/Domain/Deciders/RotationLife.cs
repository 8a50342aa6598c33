using System.Text.Json;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Values;
using static OrleansMesh.Domain.Tests.Deciders.Samples;

namespace OrleansMesh.Domain.Tests.Deciders;

/// <summary>
/// A mesh whose authorities are changed while proxies come, go, and are slow. A program of bytes says what happens. Nothing is forced here and no time limit
/// passes, so at every moment each connected proxy must trust the certificate of every other.
/// </summary>
internal sealed class RotationLife(byte[] program)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Unlimited = TimeSpan.FromDays(100_000);
    private static readonly TimeSpan CertificateLifetime = TimeSpan.FromMinutes(5);
    private static readonly string[] Backends = ["ca-1", "ca-2", "ca-3"];

    private readonly Envoy[] _envoys = [.. Enumerable.Range(0, 4).Select(i => new Envoy($"proxy-{i}"))];
    private readonly Dictionary<string, int> _generations = Backends.ToDictionary(b => b, _ => 1);
    private MeshState _mesh = MeshState.Empty;
    private TrustFacts? _earlier;
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private int _at;
    private int _sessions;

    public void Run()
    {
        Do(new ApplyMesh(MeshWith("ca-1", [.. Backends.Select(b => Backend(b))])));
        Want();
        while (_at < program.Length)
        {
            Step();
            AssertEverybodyIsTrusted();
        }

        EndWell();
    }

    private void Step()
    {
        var envoy = _envoys[Next(_envoys.Length)];
        switch (Next(17))
        {
            case 0:
                envoy.Connect($"s{++_sessions}", _mesh);
                break;
            case 1:
                envoy.Disconnect();
                break;
            case 2:
                envoy.Leave();
                break;
            case 3:
                envoy.Learn(_mesh);
                break;
            case 4:
                envoy.TakeTrust();
                break;
            case 5:
                envoy.Issue(_now, CertificateLifetime);
                break;
            case 6:
                envoy.TakeCertificate();
                break;
            case 7 or 8:
                envoy.Report();
                break;
            case 9:
                Do(new ApplyMesh(MeshWith(Backends[Next(Backends.Length)], [.. Backends.Select(b => Backend(b))])));
                break;
            case 10:
                Want();
                break;
            case 11 or 12:
                Advance();
                break;
            case 13:
                // What another server saw a while ago.
                if (_earlier is { } facts)
                    Do(new AdvanceRotation(facts, NextCanSign: true, _now, Settling));
                _earlier = Facts();
                break;
            case 14:
                Do(Next(3) switch { 0 => new PauseRotation(), 1 => new ResumeRotation(), _ => new ReverseRotation(_now, Unlimited) });
                break;
            case 15:
                _generations[Backends[Next(Backends.Length)]]++;
                break;
            default:
                Wait();
                break;
        }
    }

    /// <summary>Long enough that everybody connected has been told; what they have not taken, they have not.</summary>
    private void Wait()
    {
        _now += Settling;
        foreach (var envoy in _envoys)
            envoy.Learn(_mesh);
    }

    private void Want()
    {
        var backend = _mesh.Mesh!.EnabledBackend!.Name;
        var id = $"{backend}/{_generations[backend]}";
        Do(new TrustAuthority(new TrustedAuthority(id, backend, $"root {id}", _now, _now.AddYears(10)), _now, Unlimited));
    }

    private void Advance() => Do(new AdvanceRotation(Facts(), NextCanSign: true, _now, Settling));

    private TrustFacts Facts() => TrustFacts.Of(_mesh.Trust, _envoys.Select(e => KeyValuePair.Create(e.Name, e.State)), _now);

    private void AssertEverybodyIsTrusted()
    {
        foreach (var caller in _envoys.Where(e => e is { IsConnected: true, Certificate: not null } && e.Certificate.NotAfter > _now))
        {
            foreach (var called in _envoys.Where(e => e is { IsConnected: true, Trusts: not null, HasTakenTrust: true }))
            {
                Assert.True(
                    called.Trusts!.Contains(caller.Certificate!.AuthorityId),
                    $"{called.Name} trusts {string.Join(", ", called.Trusts!)}, and not {caller.Certificate.AuthorityId} of {caller.Name}; the mesh: {_mesh.Trust}");
            }
        }
    }

    /// <summary>When nobody interferes any more, what is wanted comes about.</summary>
    private void EndWell()
    {
        Do(new ResumeRotation());
        for (var i = 0; i < 10; i++)
        {
            Want();
            foreach (var envoy in _envoys.Where(e => e.IsConnected))
            {
                envoy.Learn(_mesh);
                envoy.TakeTrust();
                envoy.Issue(_now, CertificateLifetime);
                envoy.TakeCertificate();
                envoy.Report();
                AssertEverybodyIsTrusted();
            }

            Advance();
            AssertEverybodyIsTrusted();
            _now += CertificateLifetime / 2;
        }

        var backend = _mesh.Mesh!.EnabledBackend!.Name;
        Assert.Equal($"{backend}/{_generations[backend]}", _mesh.Trust.Signer);
        Assert.Equal(_mesh.Trust.Signer, Assert.Single(_mesh.Trust.Authorities).Id);
        Assert.Equal(RotationStage.None, _mesh.Trust.Stage);
    }

    private void Do(MeshCommand command)
    {
        var events = MeshDecider.Decide(command, _mesh).Events;
        foreach (var happened in events)
        {
            _mesh = MeshDecider.Evolve(_mesh, happened);

            // A crash after any event: what comes next starts from what is stored.
            _mesh = JsonSerializer.Deserialize<MeshState>(JsonSerializer.Serialize(_mesh, DomainJson.Options), DomainJson.Options)!;
        }
    }

    private int Next(int below) => _at < program.Length ? program[_at++] % below : 0;

    /// <summary>A proxy: what its stream says, and what it really holds.</summary>
    private sealed class Envoy(string name)
    {
        private MeshTrust? _told;
        private CertificateRecord? _issued;
        private string? _holdsBundle;

        public string Name => name;

        public ProxyState State { get; private set; } = ProxyState.Empty;

        public bool IsConnected => State.Session is not null;

        public HashSet<string>? Trusts { get; private set; }

        /// <summary>In this connection; before that it may have what it had when it went away.</summary>
        public bool HasTakenTrust { get; private set; }

        public CertificateRecord? Certificate { get; private set; }

        public void Connect(string session, MeshState mesh)
        {
            var decision = ProxyDecider.Decide(
                new ConnectProxy(session, Dataplane(name, [Inbound(80, "web")]), new ProxyAgent("", "", "delta")), State);
            Apply(decision.Events);
            (_told, _issued, HasTakenTrust) = (null, null, false);
            Learn(mesh);
        }

        public void Disconnect()
        {
            if (State.Session is { } session)
                Apply(ProxyDecider.Decide(new DisconnectProxy(session), State).Events);
        }

        /// <summary>It ends, and its Dataplane with it.</summary>
        public void Leave()
        {
            Disconnect();
            Apply(ProxyDecider.Decide(new DeleteDataplane(), State).Events);
            (Trusts, Certificate, _holdsBundle) = (null, null, null);
        }

        public void Learn(MeshState mesh)
        {
            if (IsConnected)
                _told = mesh.Trust;
        }

        public void TakeTrust()
        {
            if (!IsConnected || _told is not { } told)
                return;
            (Trusts, _holdsBundle, HasTakenTrust) = (told.Authorities.Select(a => a.Id).ToHashSet(), MeshTrust.IdOf(told.BundlePem()), true);
        }

        public void Issue(DateTimeOffset now, TimeSpan lifetime)
        {
            if (!IsConnected || _told?.Signer is not { } signer)
                return;
            _issued = new CertificateRecord("01", "ca", signer, [], now, now + lifetime);
            Apply(ProxyDecider.Decide(new RecordCertificate(State.Session!, _issued), State).Events);
        }

        public void TakeCertificate()
        {
            if (IsConnected)
                (Certificate, _issued) = (_issued ?? Certificate, null);
        }

        public void Report()
        {
            if (IsConnected && _told?.ToView()?.ConfirmBundle is { } bundle && bundle == _holdsBundle)
                Apply(ProxyDecider.Decide(new ReportHeld(State.Session!, new HeldSecrets(bundle, Certificate?.AuthorityId)), State).Events);
        }

        private void Apply(IEnumerable<ProxyEvent> events) => State = events.Aggregate(State, ProxyDecider.Evolve);
    }
}
