using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;

namespace OrleansMesh.Domain.Tests.Access;

public sealed class AccessDeciderTests
{
    private AccessState _state = AccessState.Empty;

    [Fact]
    public void A_binding_needs_its_roles_and_a_role_that_is_bound_stays()
    {
        var role = new AccessRole("reader", [new AccessRule([Right.Read], [], [])]);
        var binding = new AccessRoleBinding("b", [new(AccessSubjectType.User, "john")], ["reader"]);
        Assert.Equal("roles[0]", Assert.Single(Do(new ApplyAccessRoleBinding(binding)).Problems).Field);
        Assert.Equal(Outcome.Created, Do(new ApplyAccessRole(role)).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ApplyAccessRole(role)).Outcome);
        Assert.Equal(Outcome.Created, Do(new ApplyAccessRoleBinding(binding)).Outcome);
        Assert.Contains("b does", Assert.Single(Do(new DeleteAccessRole("reader")).Problems).Message, StringComparison.Ordinal);
        Assert.Equal(Outcome.Deleted, Do(new DeleteAccessRoleBinding("b")).Outcome);
        Assert.Equal(Outcome.Deleted, Do(new DeleteAccessRole("reader")).Outcome);
        Assert.Equal(Outcome.NotFound, Do(new DeleteAccessRole("reader")).Outcome);
        Assert.Equal(Outcome.NotFound, Do(new DeleteAccessRoleBinding("b")).Outcome);
    }

    [Fact]
    public void Keys_are_numbered_on_and_none_is_named_like_an_earlier_one()
    {
        Add("1");
        Add(_state.Tokens.NextKeyId);
        Assert.Equal(Outcome.Deleted, Do(new ChangeUserTokens(new RemoveSigningKey("2"))).Outcome);
        Assert.Equal("3", _state.Tokens.NextKeyId);
        Assert.Equal(["data-key-2"], _state.RetiredDataKeys);
        Add("17");
        Assert.Equal("18", _state.Tokens.NextKeyId);
        Assert.Equal(Outcome.Refused, Do(new ChangeUserTokens(new AddSigningKey(Key("17") with { PublicKey = "BBBB" }, OnlyTheFirst: false))).Outcome);
        Assert.Equal(Outcome.NotFound, Do(new ChangeUserTokens(new RemoveSigningKey("2"))).Outcome);
    }

    [Fact]
    public void A_revocation_is_said_once_and_can_be_taken_back()
    {
        Assert.Equal(Outcome.Changed, Do(new ChangeUserTokens(new RevokeTokens(["b", "a", "b"]))).Outcome);
        Assert.Equal(["a", "b"], _state.Tokens.Revoked);
        Assert.Equal(Outcome.Unchanged, Do(new ChangeUserTokens(new RevokeTokens(["a"]))).Outcome);
        Assert.True(_state.Tokens.IsRevoked("b"));
        Assert.Equal(Outcome.Deleted, Do(new ChangeUserTokens(new LiftRevocations(["b", "c"]))).Outcome);
        Assert.False(_state.Tokens.IsRevoked("b"));
        Assert.Equal(Outcome.NotFound, Do(new ChangeUserTokens(new LiftRevocations(["b"]))).Outcome);
        foreach (var bad in (string[])["", "a,b", "a b", new('x', 201)])
            Assert.Equal("ids", Assert.Single(Do(new ChangeUserTokens(new RevokeTokens([bad]))).Problems).Field);
    }

    private void Add(string id) => Assert.Equal(Outcome.Changed, Do(new ChangeUserTokens(new AddSigningKey(Key(id), OnlyTheFirst: false))).Outcome);

    private static TokenSigningKey Key(string id) => new(id, "AAAA", new SealedSecret($"data-key-{id}", "AA==", "AA==", "AA=="));

    private Decision<AccessEvent> Do(AccessCommand command)
    {
        var decision = AccessDecider.Decide(command, _state);
        _state = decision.Events.Aggregate(_state, AccessDecider.Evolve);
        return decision;
    }
}
