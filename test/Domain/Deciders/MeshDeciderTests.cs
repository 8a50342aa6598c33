using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using static OrleansMesh.Domain.Tests.Deciders.Samples;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class MeshDeciderTests
{
    private MeshState _state = MeshState.Empty;

    [Fact]
    public void A_mesh_is_created_changed_and_left_alone()
    {
        Assert.Equal(Outcome.Created, Do(new ApplyMesh(PlainMesh)).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ApplyMesh(PlainMesh)).Outcome);
        Assert.Equal(Outcome.Changed, Do(new ApplyMesh(SecureMesh)).Outcome);
        Assert.Equal(SecureMesh, _state.Mesh);
    }

    [Fact]
    public void Proxies_are_quarantined_by_name_as_long_as_any_quarantine_names_them()
    {
        var stolen = new ProxyQuarantine("default", "stolen", "web-1", "found in a paste");
        Assert.Equal(Outcome.MeshNotFound, Do(new ApplyProxyQuarantine(stolen)).Outcome);
        Do(new ApplyMesh(SecureMesh));
        Assert.Equal(Outcome.NotFound, Do(new DeleteProxyQuarantine("stolen")).Outcome);
        Assert.Equal(Outcome.Created, Do(new ApplyProxyQuarantine(stolen)).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ApplyProxyQuarantine(stolen)).Outcome);
        Assert.Equal(Outcome.Changed, Do(new ApplyProxyQuarantine(stolen with { Proxy = "web-2" })).Outcome);
        Do(new ApplyProxyQuarantine(new ProxyQuarantine("default", "again", "web-2")));
        Do(new ApplyProxyQuarantine(new ProxyQuarantine("default", "other", "api-1")));
        Assert.Equal(["api-1", "web-2"], _state.QuarantinedProxies);

        Do(new DeleteProxyQuarantine("stolen"));
        Assert.Equal(["api-1", "web-2"], _state.QuarantinedProxies);
        Do(new DeleteProxyQuarantine("again"));
        Assert.Equal(["api-1"], _state.QuarantinedProxies);
        Do(new DeleteMesh(0));
        Assert.Empty(_state.QuarantinedProxies);
    }

    [Fact]
    public void Mutual_tls_is_switched_off_and_on_again()
    {
        Do(new ApplyMesh(SecureMesh));
        Assert.Equal(Outcome.Changed, Do(new ApplyMesh(MeshWith(null, Backend("ca-1")))).Outcome);
        Assert.Equal(Outcome.Changed, Do(new ApplyMesh(SecureMesh)).Outcome);
    }

    [Fact]
    public void Another_enabled_backend_and_other_settings_are_taken()
    {
        Do(new ApplyMesh(SecureMesh));
        Assert.Equal(Outcome.Changed, Do(new ApplyMesh(MeshWith("ca-2", Backend("ca-1"), Backend("ca-2")))).Outcome);
        Assert.Equal(Outcome.Changed, Do(new ApplyMesh(MeshWith("ca-1", Backend("ca-1", rsaBits: 2048)))).Outcome);
        Assert.Equal(Outcome.Changed, Do(new ApplyMesh(MeshWith("ca-1", Backend("ca-1", certificateLifetime: "1h")))).Outcome);
        Assert.Equal(Outcome.Changed, Do(new ApplyMesh(MeshWith("ca-1", Backend("ca-1", authorityLifetime: "3650d")))).Outcome);
    }

    [Fact]
    public void What_is_not_there_is_not_found()
    {
        Assert.Equal(Outcome.NotFound, Do(new DeleteMesh(0)).Outcome);
        Assert.Equal(Outcome.MeshNotFound, Do(new ApplyTrafficPermission(Permission("p", "web", "backend"))).Outcome);
        Assert.Equal(Outcome.NotFound, Do(new DeleteTrafficPermission("p")).Outcome);
        Assert.Equal(Outcome.MeshNotFound, Do(new ChangeDataplaneTokens(new AddSigningKey(Key("1"), OnlyTheFirst: true))).Outcome);
    }

    [Fact]
    public void A_mesh_with_proxies_stays()
    {
        Do(new ApplyMesh(PlainMesh));
        Assert.Contains("3", Assert.Single(Do(new DeleteMesh(3)).Problems).Message, StringComparison.Ordinal);
        Assert.NotNull(_state.Mesh);
    }

    [Fact]
    public void A_mesh_that_is_made_again_starts_afresh()
    {
        Do(new ApplyMesh(SecureMesh));
        Do(new ApplyTrafficPermission(Permission("p", "web", "backend")));
        Do(new ChangeDataplaneTokens(new AddSigningKey(Key("1"), OnlyTheFirst: true)));
        Do(new DeleteMesh(0));
        Do(new ApplyMesh(MeshWith("ca-2", Backend("ca-2"), Backend("ca-1", rsaBits: 4096))));
        Assert.Empty(_state.Permissions);
        Assert.Empty(_state.Tokens.Keys);
        Assert.Equal(0, _state.PermissionsCreated);
        Assert.Equal(["data-key-1"], _state.RetiredDataKeys);
    }

    [Fact]
    public void A_permission_keeps_its_place_when_it_changes_and_gets_a_new_one_when_it_is_made_again()
    {
        Do(new ApplyMesh(PlainMesh));
        Do(new ApplyTrafficPermission(Permission("b", "web", "backend")));
        Do(new ApplyTrafficPermission(Permission("a", "web", "backend")));
        Assert.Equal(Outcome.Changed, Do(new ApplyTrafficPermission(Permission("b", "api", "backend"))).Outcome);
        Assert.Equal([("a", 2L), ("b", 1L)], _state.Permissions.Select(p => (p.Permission.Name, p.Created)));

        Assert.Equal(Outcome.Deleted, Do(new DeleteTrafficPermission("b")).Outcome);
        Do(new ApplyTrafficPermission(Permission("b", "api", "backend")));
        Assert.Equal([("a", 2L), ("b", 3L)], _state.Permissions.Select(p => (p.Permission.Name, p.Created)));
        Assert.Equal(Outcome.Unchanged, Do(new ApplyTrafficPermission(Permission("b", "api", "backend"))).Outcome);
    }

    [Fact]
    public void A_mesh_has_one_token_signing_key()
    {
        Do(new ApplyMesh(PlainMesh));
        Assert.Equal(Outcome.Changed, Do(new ChangeDataplaneTokens(new AddSigningKey(Key("1"), OnlyTheFirst: true))).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ChangeDataplaneTokens(new AddSigningKey(Key("2"), OnlyTheFirst: true))).Outcome);
        Assert.Equal("1", Assert.Single(_state.Tokens.Keys).KeyId);
    }

    private static TokenSigningKey Key(string id) => new(id, "AAAA", new SealedSecret($"data-key-{id}", "AA==", "AA==", "AA=="));

    private Decision<MeshEvent> Do(MeshCommand command)
    {
        var decision = MeshDecider.Decide(command, _state);
        _state = decision.Events.Aggregate(_state, MeshDecider.Evolve);
        return decision;
    }
}
