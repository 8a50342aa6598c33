using System.Text.Json.Nodes;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.History;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tests.Deciders;
using OrleansMesh.Domain.Tests.Events;

namespace OrleansMesh.Domain.Tests.History;

public sealed class HistorySubjectsTests
{
    private static readonly object[] MeshLog =
    [
        new MeshCreated(Samples.PlainMesh),
        new TrafficPermissionCreated(Samples.Permission("web-to-backend", "web", "backend")),
        new TrafficPermissionCreated(Samples.Permission("other", "web", "other")),
        new MeshChanged(Samples.SecureMesh),
        new TokenSigningKeyAdded("k1", "cHVibGlj", new SealedSecret("data-key-1", "bm9uY2U=", "c2VjcmV0", "dGFn")),
        new TrafficPermissionChanged(Samples.Permission("web-to-backend", "frontend", "backend")),
        new TrafficPermissionDeleted("other"),
        new MeshDeleted(),
    ];

    [Fact]
    public void Every_type_of_resource_has_a_history()
        => Assert.Empty(ResourceTypes.All.Select(t => (t.Singular, t.Plural, t.Scope)).Except(HistorySubjects.All.Select(k => (k.Singular, k.Plural, k.Scope))));

    [Fact]
    public void A_permission_has_its_own_changes_alone_and_goes_with_its_mesh()
    {
        var changes = Read("traffic-permission", "web-to-backend", MeshLog);

        Assert.Equal(
            ["traffic permission web-to-backend was made", "traffic permission web-to-backend was changed", "the mesh was deleted, and with it its policies and token keys"],
            changes.Select(c => c.Description));
        var field = Assert.Single(changes[1].Fields());
        Assert.Equal(new FieldChange("sources[0].match[\"kuma.io/service\"]", "web", "frontend"), field);
        Assert.Contains(changes[2].Fields(), f => f is { Field: "name", Before: "web-to-backend", After: null });
        Assert.Equal(2, Read("traffic-permission", "other", MeshLog).Count);
        Assert.Empty(Read("traffic-permission", "never", MeshLog));
    }

    [Fact]
    public void A_mesh_has_its_own_changes_and_its_keys_and_not_those_of_its_permissions()
    {
        var changes = Read("mesh", "default", MeshLog);

        Assert.Equal(4, changes.Count);
        Assert.Contains(changes[1].Fields(), f => f is { Field: "mtls.enabledBackend", Before: null, After: "ca-1" });
        Assert.Equal(["a key that signs dataplane tokens was made, key id k1"], changes.Skip(2).Take(1).Select(c => c.Description));
    }

    [Fact]
    public void A_dataplane_has_its_documents_changes_and_its_proxy_what_happened_to_it_besides()
    {
        object[] log =
        [
            new DataplaneCreated(Samples.Dataplane("web-1", [Samples.Inbound(10000, "web")]), DataplaneOrigin.Proxy),
            new ProxyConnected("s1", new ProxyAgent("1.40.0", "0.1.0", "delta")),
            new DataplaneChanged(Samples.Dataplane("web-1", [Samples.Inbound(10001, "web")]), DataplaneOrigin.Proxy),
            new ProxyDisconnected("s1"),
        ];

        Assert.Equal(["dataplane web-1 was made by its proxy, which presented it", "dataplane web-1 was changed"], Read("dataplane", "web-1", log).Select(c => c.Description));
        Assert.Equal(new FieldChange("networking.inbound[0].port", "10000", "10001"), Assert.Single(Read("dataplane", "web-1", log)[1].Fields()));
        Assert.Equal(4, Read("proxy", "web-1", log).Count);
        Assert.Empty(Read("proxy", "web-1", log)[3].Fields());
    }

    [Fact]
    public void No_history_shows_a_secret()
    {
        var shownAnything = 0;
        foreach (string file in GoldenEventTests.Files)
        {
            string[] secrets = [.. EventWordsTests.SecretsIn(JsonNode.Parse(GoldenEventTests.Text(file)))];
            if (secrets.Length == 0)
                continue;
            var happened = GoldenEventTests.Load(file);
            foreach (var kind in HistorySubjects.All)
            {
                SubjectChange? change;
                try
                {
                    (_, change) = kind.Start("default").After(happened);
                }
                catch (UnreadableEventException)
                {
                    continue;
                }

                var shown = change is null ? "" : string.Join('\n', change.Fields().Select(f => $"{f.Field} {f.Before} {f.After}"));
                Assert.All(secrets, secret => Assert.DoesNotContain(secret, shown, StringComparison.Ordinal));
                shownAnything += shown.Length;
            }
        }

        Assert.True(shownAnything > 0);
    }

    [Fact]
    public void An_authority_shows_its_certificate_and_only_the_name_of_its_keys_key()
    {
        var made = (AuthorityCreated)GoldenEventTests.Load(Path.Combine("authority.created", "1.json"));

        var fields = Assert.Single(Read("ca", "ca-1", [made])).Fields();

        Assert.Contains(fields, f => f.After == made.AuthorityId);
        Assert.Contains(fields, f => f.After == $"sealed under {made.PrivateKey.KeyId}");
    }

    [Fact]
    public void An_event_of_another_stream_is_refused()
        => Assert.Throws<UnreadableEventException>(() => Read("mesh", "default", [new ProxyLeft()]));

    private static List<SubjectChange> Read(string kind, string name, object[] events)
    {
        var history = HistorySubjects.All.Single(k => k.Singular == kind).Start(name);
        var changes = new List<SubjectChange>();
        foreach (var happened in events)
        {
            (history, var change) = history.After(happened);
            if (change is not null)
                changes.Add(change);
        }

        return changes;
    }
}
