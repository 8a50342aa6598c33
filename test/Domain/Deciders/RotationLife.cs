using System.Text.Json;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Values;
using static OrleansMesh.Domain.Tests.Deciders.Samples;

namespace OrleansMesh.Domain.Tests.Deciders;

/// <summary>
/// A mesh whose authorities are changed while proxies come, go, and are slow. A program of bytes says what happens. Nothing is forced here and no time limit
/// passes, so at every moment each connected proxy must trust the certificate of every other, also of one that is away and goes on without the control plane.
/// </summary>
internal sealed class RotationLife(byte[] program)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Unlimited = TimeSpan.FromDays(100_000);
    private static readonly TimeSpan CertificateLifetime = TimeSpan.FromMinutes(5);
    private static readonly string[] Backends = ["ca-1", "ca-2", "ca-3"];

    private readonly Envoy[] _envoys = [.. Enumerable.Range(0, 3).Select(i => new Envoy($"proxy-{i}"))];
    private readonly Dictionary<string, int> _generations = Backends.ToDictionary(b => b, _ => 1);
    private MeshState _mesh = MeshState.Empty;
    private TrustFacts? _earlier;
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private DateTimeOffset _signerSince;
    private bool _paused;
    private string? _unwanted;
    private int _at;
    private int _sessions;

    /// <summary>The kinds of events that came about, without those of the end.</summary>
    public HashSet<Type> Happened { get; } = [];

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
        switch (Next(16))
        {
            case 0 or 1:
                envoy.Connect($"s{++_sessions}", _mesh);
                break;
            case 2:
                if (Next(2) == 0)
                    envoy.Leave();
                else
                    envoy.Disconnect();
                break;
            case 3 or 4 or 5:
                KeepUp(envoy);
                break;
            case 6 or 7 or 8:
                foreach (var other in _envoys.Where(e => e != envoy))
                    KeepUp(other);
                break;
            case 9:
                // What the operator held back before is what they want now.
                if (Do(new ApplyMesh(MeshWith(Backends[Next(Backends.Length)], [.. Backends.Select(b => Backend(b))]))).Count > 0)
                    _unwanted = null;
                Want();
                break;
            case 10:
                Want();
                break;
            case 11 or 12:
                Advance(Facts(), nextCanSign: Next(8) != 0);
                break;
            case 13:
                // What another server saw a while ago.
                if (_earlier is { } facts)
                    Advance(facts, nextCanSign: true);
                _earlier = Facts();
                break;
            case 14:
                Steer();
                break;
            default:
                if (Next(3) == 0)
                    _generations[Backends[Next(Backends.Length)]]++;
                else
                    Wait(Next(2) == 0 ? Settling : CertificateLifetime / 2);
                break;
        }
    }

    /// <summary>Some of what a proxy that is connected does, mostly all of it.</summary>
    private void KeepUp(Envoy envoy)
    {
        var what = Next(32) | Next(32);
        if ((what & 1) != 0)
            envoy.Learn(_mesh);
        if ((what & 2) != 0)
            envoy.TakeTrust();
        if ((what & 4) != 0)
            envoy.Issue(_now, CertificateLifetime);
        AssertEverybodyIsTrusted();
        if ((what & 8) != 0)
            envoy.TakeCertificate();
        if ((what & 16) != 0)
            envoy.Report();
    }

    private void Steer()
    {
        switch (Next(4))
        {
            case 0:
                Do(new PauseRotation());
                _paused = true;
                break;
            case 1:
                Do(new ResumeRotation());
                (_paused, _unwanted) = (false, null);
                break;
            default:
                if (Do(new ReverseRotation(_now, Unlimited)).OfType<RotationReversed>().SingleOrDefault() is { } reversed)
                    _unwanted = reversed.HeldBack;
                break;
        }
    }

    /// <summary>Long enough that everybody connected has been told; what they have not taken, they have not.</summary>
    private void Wait(TimeSpan time)
    {
        _now += time;
        foreach (var envoy in _envoys)
            envoy.Learn(_mesh);
    }

    private void Want()
    {
        var backend = _mesh.Mesh!.EnabledBackend!.Name;
        var id = $"{backend}/{_generations[backend]}";
        if (Do(new TrustAuthority(new TrustedAuthority(id, backend, $"root {id}", _now, _now.AddYears(10)), _now, Unlimited)).OfType<AuthorityTrusted>().Any())
        {
            Assert.True(id != _unwanted, $"the rotation to {id} was reversed, and is begun again");
            _unwanted = null;
        }
    }

    private void Advance(TrustFacts facts, bool nextCanSign)
    {
        var events = Do(new AdvanceRotation(facts, nextCanSign, _now, Settling));
        Assert.False(_paused && events.Count > 0, "a stage begins while the rotation is paused");
        Assert.False(
            events.OfType<AuthorityWithdrawn>().Any() && _now < _signerSince + Settling,
            "trust is withdrawn before everybody who signs has heard of the new signer");
        Assert.False(!nextCanSign && events.OfType<SignerChanged>().Any(), "who cannot sign is to sign");
    }

    private TrustFacts Facts() => TrustFacts.Of(_mesh.Trust, _envoys.Select(e => KeyValuePair.Create(e.Name, e.State)), _now);

    private void AssertEverybodyIsTrusted()
    {
        foreach (var caller in _envoys.Where(e => e.Certificate?.NotAfter > _now))
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
        (_paused, _unwanted) = (false, null);
        var happened = Happened.ToArray();
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

            Advance(Facts(), nextCanSign: true);
            AssertEverybodyIsTrusted();
            _now += CertificateLifetime / 2;
        }

        var backend = _mesh.Mesh!.EnabledBackend!.Name;
        Assert.Equal($"{backend}/{_generations[backend]}", _mesh.Trust.Signer);
        Assert.Equal(_mesh.Trust.Signer, Assert.Single(_mesh.Trust.Authorities).Id);
        Assert.Equal(RotationStage.None, _mesh.Trust.Stage);
        Happened.IntersectWith(happened);
    }

    private ValueList<MeshEvent> Do(MeshCommand command)
    {
        var events = MeshDecider.Decide(command, _mesh).Events;
        foreach (var happened in events)
        {
            var before = _mesh.Trust;
            _mesh = MeshDecider.Evolve(_mesh, happened);
            Happened.Add(happened.GetType());
            AssertWhoSigns(before, happened);

            // A crash after any event: what comes next starts from what is stored.
            _mesh = JsonSerializer.Deserialize<MeshState>(JsonSerializer.Serialize(_mesh, DomainJson.Options), DomainJson.Options)!;
        }

        return events;
    }

    /// <summary>
    /// After the first, an authority signs only when it was the next one and everybody really trusts it who is connected; but for those who connected since
    /// this was looked at: they are given the same trust before anything else.
    /// </summary>
    private void AssertWhoSigns(MeshTrust before, MeshEvent happened)
    {
        if (before.Signer == _mesh.Trust.Signer)
            return;
        _signerSince = _now;
        if (before.Signer is null)
            return;
        Assert.IsType<SignerChanged>(happened);
        Assert.Equal(before.Next, _mesh.Trust.Signer);
        Assert.All(_envoys.Where(e => e is { IsConnected: true, HasTakenTrust: true }), e => Assert.Contains(_mesh.Trust.Signer!, e.Trusts ?? []));
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
            (Trusts, _holdsBundle, HasTakenTrust) = (told.Authorities.Select(a => a.Id).ToHashSet(), told.BundlePem(), true);
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
            if (IsConnected && _told?.ToView() is { ConfirmBundle: { } bundle } told && told.Bundle == _holdsBundle)
                Apply(ProxyDecider.Decide(new ReportHeld(State.Session!, new HeldSecrets(bundle, Certificate?.AuthorityId)), State).Events);
        }

        private void Apply(IEnumerable<ProxyEvent> events) => State = events.Aggregate(State, ProxyDecider.Evolve);
    }
}
