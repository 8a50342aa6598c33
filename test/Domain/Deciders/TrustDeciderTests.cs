using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Values;
using static OrleansMesh.Domain.Tests.Deciders.Samples;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class TrustDeciderTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private MeshState _state = MeshState.Empty;

    public TrustDeciderTests()
    {
        Do(new ApplyMesh(Enabled("ca-1")));
        Do(Trust("a", "ca-1"));
    }

    [Fact]
    public void The_first_authority_signs_at_once()
        => Assert.Equal(("a", RotationStage.None, "root a\n"), (_state.Trust.Signer, _state.Trust.Stage, _state.Trust.BundlePem()));

    [Fact]
    public void The_next_one_is_trusted_before_it_signs_and_the_old_one_until_it_is_not_used()
    {
        Do(new ApplyMesh(Enabled("ca-2")));
        Assert.Equal(new AuthorityTrusted(Authority("b", "ca-2"), Start, Start + Limit), Assert.Single(Do(Trust("b", "ca-2")).Events));
        Assert.Equal(("a", RotationStage.Trusting, "root a\nroot b\n"), (_state.Trust.Signer, _state.Trust.Stage, _state.Trust.BundlePem()));
        Assert.Equal("ca-1", _state.SigningBackend!.Name);

        Assert.Empty(Do(Advance(unconfirmed: ["web-1"])).Events);
        Assert.Empty(Do(Advance(nextCanSign: false)).Events);
        Assert.Equal(new SignerChanged("b", "confirmed", Start, []), Assert.Single(Do(Advance()).Events));
        Assert.Equal(("b", RotationStage.Issuing, "ca-2"), (_state.Trust.Signer, _state.Trust.Stage, _state.SigningBackend!.Name));

        Assert.Empty(Do(Advance()).Events);
        Assert.Empty(Do(Advance(inUse: ["web-1"], after: Settling)).Events);
        Assert.Equal(new AuthorityWithdrawn("a", "unused", []), Assert.Single(Do(Advance(after: Settling)).Events));
        Assert.Equal(("b", RotationStage.None, "root b\n"), (_state.Trust.Signer, _state.Trust.Stage, _state.Trust.BundlePem()));
    }

    [Fact]
    public void Who_does_not_answer_is_waited_for_until_the_time_limit_and_then_named()
    {
        Begin();
        Assert.Empty(Do(Advance(["web-1"], after: Limit - TimeSpan.FromTicks(1))).Events);
        Assert.Equal(new SignerChanged("b", "timeLimit", Start + Limit, ["web-1"]), Assert.Single(Do(Advance(["web-1"], after: Limit)).Events));
    }

    [Fact]
    public void What_was_seen_of_an_earlier_trust_counts_for_nothing()
    {
        var before = _state.Trust.Epoch;
        Begin();
        Assert.Empty(Do(new AdvanceRotation(new TrustFacts(before, [], []), true, Start, Settling)).Events);
        Assert.Equal(Outcome.Refused, Do(new ForceRotation(new TrustFacts(before, [], []), Start)).Outcome);
    }

    [Fact]
    public void That_a_proxy_held_the_same_roots_in_an_earlier_rotation_does_not_say_that_it_holds_them()
    {
        Begin();
        var earlier = _state.Trust.BundleId();
        Do(Advance());
        Do(Advance(after: Settling));
        Do(new ApplyMesh(Enabled("ca-1")));
        Do(Trust("a", "ca-1"));

        Assert.Equal("root a\nroot b\n", _state.Trust.BundlePem());
        Assert.Equal(["then"], TrustFacts.Of(
            _state.Trust, [KeyValuePair.Create("now", Holding(_state.Trust.BundleId())), KeyValuePair.Create("then", Holding(earlier))], Start).Unconfirmed);

        static ProxyState Holding(string bundle)
            => new() { Dataplane = Dataplane("web-1", [Inbound(80, "web")]), Session = "s", Held = new HeldSecrets(bundle, "b") };
    }

    [Fact]
    public void Each_stage_can_be_forced_and_says_whom_it_hit()
    {
        Begin();
        Assert.Equal(
            new SignerChanged("b", "forced", Start, ["web-1"]), Assert.Single(Do(new ForceRotation(Facts(["web-1"], []), Start)).Events));
        Assert.Equal(
            new AuthorityWithdrawn("a", "forced", ["web-2"]), Assert.Single(Do(new ForceRotation(Facts([], ["web-2"]), Start)).Events));
        Assert.Equal("rotation", Assert.Single(Do(new ForceRotation(Facts([], []), Start)).Problems).Field);
    }

    [Fact]
    public void A_paused_rotation_waits()
    {
        Do(new PauseRotation());
        Begin();
        Assert.Empty(Do(Advance()).Events);
        Assert.Equal(Outcome.Unchanged, Do(new PauseRotation()).Outcome);
        Do(new ResumeRotation());
        Assert.IsType<SignerChanged>(Assert.Single(Do(Advance()).Events));
    }

    [Fact]
    public void It_is_reversed_before_the_new_one_signs()
    {
        Begin();
        Do(new ReverseRotation(Start, Limit));
        Assert.Equal(("ca-1", "a", null, "b"), (_state.Mesh!.EnabledBackend!.Name, _state.Trust.Signer, _state.Trust.Next, _state.Trust.HeldBack));
        Assert.Equal(new AuthorityWithdrawn("b", "unused", []), Assert.Single(Do(Advance(after: Settling)).Events));
    }

    [Fact]
    public void It_is_reversed_after_the_new_one_signs_stage_by_stage()
    {
        Begin();
        Do(Advance());
        Do(new ReverseRotation(Start, Limit));
        Assert.Equal(("ca-1", "b", "a", RotationStage.Trusting), (_state.Mesh!.EnabledBackend!.Name, _state.Trust.Signer, _state.Trust.Next, _state.Trust.Stage));
        Assert.Equal(Outcome.Unchanged, Do(Trust("a", "ca-1")).Outcome);
        Do(Advance());
        Assert.Equal("a", _state.Trust.Signer);
        Do(Advance(after: Settling));
        Assert.Equal("root a\n", _state.Trust.BundlePem());
        Assert.Equal("rotation", Assert.Single(Do(new ReverseRotation(Start, Limit)).Problems).Field);
    }

    [Fact]
    public void A_renewal_that_was_reversed_is_not_begun_again_until_it_may()
    {
        Do(Trust("a2", "ca-1"));
        Do(new ReverseRotation(Start, Limit));
        Assert.Equal(Outcome.Unchanged, Do(Trust("a2", "ca-1")).Outcome);
        Do(Advance(after: Settling));
        Assert.Equal("root a\n", _state.Trust.BundlePem());
        Do(new ResumeRotation());
        Assert.Equal(Outcome.Changed, Do(Trust("a2", "ca-1")).Outcome);
    }

    [Fact]
    public void Enabling_what_signs_still_lets_the_next_one_go()
    {
        Begin();
        Do(new ApplyMesh(Enabled("ca-1")));
        Do(Trust("a", "ca-1"));
        Assert.Equal(("a", null), (_state.Trust.Signer, _state.Trust.Next));
        Do(new ApplyMesh(Enabled("ca-2")));
        Assert.Equal(Outcome.Changed, Do(Trust("b", "ca-2")).Outcome);
    }

    [Theory]
    [InlineData("ca-1", "signs")]
    [InlineData("ca-2", "about to sign")]
    public void A_backend_in_use_is_not_removed(string backend, string reason)
    {
        Begin();
        var without = MeshWith("ca-3", [.. Enabled("ca-3").Mtls!.Backends.Where(b => b.Name != backend)]);
        var problem = Assert.Single(Do(new ApplyMesh(without)).Problems);
        Assert.Equal("mtls.backends", problem.Field);
        Assert.Contains($"'{backend}'", problem.Message, StringComparison.Ordinal);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backend_is_removed_when_its_authority_is_not_trusted_any_more()
    {
        Begin();
        Do(Advance());
        var without = MeshWith("ca-2", Backend("ca-2"));
        Assert.Contains("trusted until", Assert.Single(Do(new ApplyMesh(without)).Problems).Message, StringComparison.Ordinal);
        Do(Advance(after: Settling));
        Assert.Equal(Outcome.Changed, Do(new ApplyMesh(without)).Outcome);
    }

    [Fact]
    public void Without_mutual_tls_nobody_is_trusted()
    {
        Begin();
        Do(new ApplyMesh(MeshWith(null, Backend("ca-2"))));
        Assert.Empty(_state.Trust.Authorities);
        Do(new ApplyMesh(MeshWith("ca-2", Backend("ca-2"))));
        Do(Trust("b", "ca-2"));
        Assert.Equal(("b", RotationStage.None), (_state.Trust.Signer, _state.Trust.Stage));
    }

    [Fact]
    public void Certificates_count_until_the_proxy_said_that_it_holds_another_or_they_end()
    {
        Begin();
        Do(Advance());
        var now = Start.AddHours(1);
        Assert.Equal(["away", "old", "silent"], Uses(
            ("away", "a", null, false, now.AddHours(1)),
            ("ended", "a", null, false, now),
            ("new", "b", "b", true, now.AddHours(1)),
            ("old", "b", "a", true, now.AddHours(1)),
            ("silent", "b", null, true, now.AddHours(1))));

        ValueList<string> Uses(params (string Name, string Certificate, string? Held, bool Connected, DateTimeOffset Until)[] proxies)
            => TrustFacts.Of(_state.Trust, proxies.Select(p => KeyValuePair.Create(p.Name, new ProxyState
            {
                Dataplane = Dataplane(p.Name, [Inbound(80, "web")]),
                Session = p.Connected ? "s" : null,
                Certificate = new CertificateRecord("01", "ca", p.Certificate, [], Start, p.Until),
                Held = p.Held is null ? null : new HeldSecrets("bundle", p.Held),
            })), now).UsersOf("a");
    }

    private static Domain.Resources.Mesh Enabled(string backend) => MeshWith(backend, Backend("ca-1"), Backend("ca-2"), Backend("ca-3"));

    private static TrustedAuthority Authority(string id, string backend) => new(id, backend, $"root {id}", Start, Start.AddYears(10));

    private static TrustAuthority Trust(string id, string backend) => new(Authority(id, backend), Start, Limit);

    private TrustFacts Facts(ValueList<string> unconfirmed, ValueList<string> inUse)
        => new(_state.Trust.Epoch, unconfirmed, inUse.Count == 0 ? [] : [new AuthorityUse("a", inUse)]);

    private AdvanceRotation Advance(ValueList<string>? unconfirmed = null, ValueList<string>? inUse = null, bool nextCanSign = true, TimeSpan after = default)
        => new(Facts(unconfirmed ?? [], inUse ?? []), nextCanSign, Start + after, Settling);

    private void Begin()
    {
        Do(new ApplyMesh(Enabled("ca-2")));
        Do(Trust("b", "ca-2"));
    }

    private Decision<MeshEvent> Do(MeshCommand command)
    {
        var decision = MeshDecider.Decide(command, _state);
        _state = decision.Events.Aggregate(_state, MeshDecider.Evolve);
        return decision;
    }
}
