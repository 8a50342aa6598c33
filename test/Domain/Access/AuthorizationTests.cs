using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Access;

/// <summary>Every kind of role against every kind of operation, as a table.</summary>
public sealed class AuthorizationTests
{
    // Who, in the order of the columns below. Each has one role, the first four have none.
    private static readonly string[] Users =
        ["anonymous", "nobody", "impostor", "admin", "reader", "reader of a", "writer of a", "writer of p", "editor", "secrets of a", "roles", "tokens", "tokens of a", "keys of a", "operator"];

    private static readonly Dictionary<string, AccessRule[]> Rules = new()
    {
        ["reader"] = [Rule([Right.Read])],
        ["reader of a"] = [Rule([Right.Read], mesh: "a")],
        ["writer of a"] = [Rule([Right.Create, Right.Update, Right.Delete], mesh: "a")],
        ["writer of p"] = [Rule([Right.Create, Right.Update, Right.Delete, Right.Read], ["TrafficPermission"], ["p"], "a")],
        ["editor"] = [Rule([Right.Update])],
        ["secrets of a"] = [Rule([Right.Read, Right.Create, Right.Update, Right.Delete], ["Secret"], mesh: "a")],
        ["roles"] = [Rule([Right.Read, Right.Update], ["AccessRole", "AccessRoleBinding"])],
        ["tokens"] = [Rule([Right.GenerateDataplaneToken, Right.GenerateUserToken])],
        ["tokens of a"] = [Rule([Right.GenerateDataplaneToken], names: ["web-1"], mesh: "a")],
        ["keys of a"] = [Rule([Right.ManageTokens, Right.ManageAuthorities, Right.ViewHistory], mesh: "a")],
        ["operator"] = [Rule([Right.Administer, Right.ViewHistory, Right.ManageTokens, Right.ManageAuthorities])],
    };

    public static TheoryData<Operation, string[]> Table => new()
    {
        { Operation.Open, Users },
        { Operation.OfAnyUser, [.. Users.Skip(1)] },

        { Operation.List(ResourceTypes.Mesh), ["admin", "reader", "reader of a"] },
        { Operation.List(ResourceTypes.Dataplane), ["admin", "reader", "reader of a"] },
        { Operation.List(ResourceTypes.Dataplane, "a"), ["admin", "reader", "reader of a"] },
        { Operation.List(ResourceTypes.Dataplane, "b"), ["admin", "reader"] },
        { Operation.List(ResourceTypes.TrafficPermission, "a"), ["admin", "reader", "reader of a", "writer of p"] },
        { Operation.List(ResourceTypes.Secret), ["admin", "secrets of a"] },
        { Operation.List(ResourceTypes.Secret, "a"), ["admin", "secrets of a"] },
        { Operation.List(ResourceTypes.Secret, "b"), ["admin"] },
        { Operation.List(ResourceTypes.GlobalSecret), ["admin"] },
        { Operation.List(ResourceTypes.AccessRole), ["admin", "roles"] },
        { Operation.List(ResourceTypes.AccessRoleBinding), ["admin", "roles"] },

        { Operation.With(Right.Read, ResourceTypes.Mesh, null, "a"), ["admin", "reader", "reader of a"] },
        { Operation.With(Right.Update, ResourceTypes.Mesh, null, "a"), ["admin", "writer of a", "editor"] },
        { Operation.With(Right.Create, ResourceTypes.Mesh, null, "b"), ["admin"] },
        { Operation.With(Right.Delete, ResourceTypes.Mesh, null, "b"), ["admin"] },
        { Operation.With(Right.Read, ResourceTypes.Dataplane, "a", "x"), ["admin", "reader", "reader of a"] },
        { Operation.With(Right.Create, ResourceTypes.Dataplane, "a", "x"), ["admin", "writer of a"] },
        { Operation.With(Right.Create, ResourceTypes.Dataplane, "b", "x"), ["admin"] },
        { Operation.With(Right.Update, ResourceTypes.Dataplane, "b", "x"), ["admin", "editor"] },
        { Operation.With(Right.Delete, ResourceTypes.Dataplane, "a", "x"), ["admin", "writer of a"] },
        { Operation.With(Right.Read, ResourceTypes.TrafficPermission, "a", "p"), ["admin", "reader", "reader of a", "writer of p"] },
        { Operation.With(Right.Update, ResourceTypes.TrafficPermission, "a", "p"), ["admin", "writer of a", "writer of p", "editor"] },
        { Operation.With(Right.Update, ResourceTypes.TrafficPermission, "a", "q"), ["admin", "writer of a", "editor"] },
        { Operation.With(Right.Update, ResourceTypes.TrafficPermission, "b", "p"), ["admin", "editor"] },
        { new Operation(Right.Read, ResourceTypes.TrafficPermission.Name, "a"), ["admin", "reader", "reader of a"] },
        { new Operation(Right.Read, ResourceTypes.Mesh.Name), ["admin", "reader"] },

        { Operation.With(Right.Read, ResourceTypes.Secret, "a", "s"), ["admin", "secrets of a"] },
        { Operation.With(Right.Update, ResourceTypes.Secret, "a", "s"), ["admin", "secrets of a"] },
        { Operation.With(Right.Delete, ResourceTypes.Secret, "b", "s"), ["admin"] },
        { Operation.With(Right.Read, ResourceTypes.GlobalSecret, null, "s"), ["admin"] },
        { Operation.With(Right.Create, ResourceTypes.GlobalSecret, null, "s"), ["admin"] },
        { Operation.With(Right.Read, ResourceTypes.AccessRole, null, "r"), ["admin", "roles"] },
        { Operation.With(Right.Update, ResourceTypes.AccessRole, null, "r"), ["admin", "roles"] },
        { Operation.With(Right.Create, ResourceTypes.AccessRoleBinding, null, "r"), ["admin"] },

        { new Operation(Right.GenerateDataplaneToken, Mesh: "a", Name: "web-1"), ["admin", "tokens", "tokens of a"] },
        { new Operation(Right.GenerateDataplaneToken, Mesh: "a", Name: "web-2"), ["admin", "tokens"] },
        { new Operation(Right.GenerateDataplaneToken, Mesh: "a"), ["admin", "tokens"] },
        { new Operation(Right.GenerateDataplaneToken, Mesh: "b", Name: "web-1"), ["admin", "tokens"] },
        { new Operation(Right.GenerateDataplaneToken) { InPart = true }, ["admin", "tokens", "tokens of a"] },
        { new Operation(Right.GenerateUserToken), ["admin", "tokens"] },
        { new Operation(Right.ManageTokens, Mesh: "a"), ["admin", "keys of a", "operator"] },
        { new Operation(Right.ManageTokens, Mesh: "b"), ["admin", "operator"] },
        { new Operation(Right.ManageTokens), ["admin", "operator"] },
        { new Operation(Right.ManageAuthorities, Mesh: "a"), ["admin", "keys of a", "operator"] },
        { new Operation(Right.ViewHistory, Mesh: "b"), ["admin", "operator"] },
        { new Operation(Right.ViewConfigDump, Mesh: "a", Name: "x"), ["admin"] },
        { Operation.Administration, ["admin", "operator"] },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_operation_is_allowed_to_these_and_to_nobody_else(Operation operation, string[] allowed)
        => Assert.Equal(allowed, Users.Where(user => Authorization.Of(UserOf(user), State).Decide(operation).IsAllowed));

    [Fact]
    public void The_table_has_every_right()
        => Assert.Equal(Enum.GetValues<Right>(), Table.Select(row => ((Operation)row[0]).Right).Distinct().Order());

    [Fact]
    public void A_refusal_says_what_is_missing_and_to_whom()
        => Assert.Equal(
            "user 'nobody' of team, mesh-system:authenticated needs UPDATE on TrafficPermission 'p' in mesh 'a'",
            Authorization.Of(UserOf("nobody"), State).Decide(Operation.With(Right.Update, ResourceTypes.TrafficPermission, "a", "p")).Missing);

    [Fact]
    public void A_role_that_is_bound_to_the_unauthenticated_is_theirs_and_nobody_can_claim_a_group_of_the_systems()
    {
        var state = State with { Bindings = [new("b", [new(AccessSubjectType.Group, User.Unauthenticated)], ["reader"])] };
        var read = Operation.With(Right.Read, ResourceTypes.Mesh, null, "a");
        Assert.True(Authorization.Of(User.Anonymous, state).Decide(read).IsAllowed);
        Assert.False(Authorization.Of(User.Proven("x", [User.Unauthenticated]), state).Decide(read).IsAllowed);
        Assert.Equal([User.Authenticated], User.Proven("x", [User.Authenticated, User.Unauthenticated]).Groups);
    }

    private static AccessState State => AccessState.Empty with
    {
        Roles = Rules.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => new AccessRole(r.Key, r.Value.ToValueList())).ToValueList(),
        Bindings = Rules.Keys.Order(StringComparer.Ordinal).Select((role, i) => new AccessRoleBinding(
            role, [i % 2 == 0 ? new(AccessSubjectType.User, role) : new(AccessSubjectType.Group, $"group of {role}")], [role])).ToValueList(),
    };

    // A name is not a group: the impostor is called like the administrators' group, and like groups that have roles.
    private static User UserOf(string user) => user switch
    {
        "anonymous" => User.Anonymous,
        "admin" => User.Proven("john", [User.Admin]),
        "impostor" => User.Proven(User.Admin, ["reader"]),
        "nobody" => User.Proven("nobody", ["team"]),
        _ => User.Proven(user, [$"group of {user}"]),
    };

    private static AccessRule Rule(ValueList<Right> access, ValueList<string>? types = null, ValueList<string>? names = null, string? mesh = null)
        => new(access, types ?? [], names ?? [], mesh);
}
