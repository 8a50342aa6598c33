using System.Globalization;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.EventStore;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Rest;

/// <summary>What this server is: its name, what types it has, how it is configured.</summary>
internal sealed class ServerInfoEndpoints(ServerInstance instance, ServerConfiguration configuration)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        Map("/", Index);
        Map("/_resources", () => new JsonObject { ["resources"] = ApiJson.Array(ResourceTypes.All.Select(Describe)) });
        Map("/policies", () => new JsonObject { ["policies"] = ApiJson.Array(ResourceTypes.All.Where(IsPolicy).Select(DescribePolicy)) });
        Map("/config", Configuration);
        Map("/who-am-i", () => new JsonObject { ["name"] = "anonymous", ["groups"] = new JsonArray("mesh-system:unauthenticated") });

        void Map(string path, Func<JsonObject> answer) => routes.MapGet(path, context => new JsonAnswer(answer()).ExecuteAsync(context));
    }

    // Kuma's clients ask for this to know whether they fit: they look for Kuma's name and the version whose API this is.
    private JsonObject Index() => new()
    {
        ["product"] = "Kuma",
        ["version"] = ServerInstance.CompatibleKumaVersion,
        ["basedOnKuma"] = ServerInstance.CompatibleKumaVersion,
        ["tagline"] = "OrleansMesh",
        ["implementation"] = new JsonObject { ["product"] = "OrleansMesh", ["version"] = ServerInstance.Version },
        ["hostname"] = ServerInstance.HostName,
        ["instanceId"] = instance.Id,
    };

    private static JsonNode Describe(ResourceType type)
    {
        var json = new JsonObject
        {
            ["includeInFederation"] = type != ResourceTypes.Dataplane,
            ["name"] = type.Name,
            ["path"] = type.Plural,
            ["singularDisplayName"] = DisplayName(type),
            ["pluralDisplayName"] = type == ResourceTypes.Mesh ? "Meshes" : DisplayName(type) + "s",
            ["readOnly"] = false,
            ["scope"] = type.Scope is ResourceScope.Global ? "Global" : "Mesh",
            ["shortName"] = type.ShortName ?? "",
        };
        if (IsPolicy(type))
        {
            json["policy"] = new JsonObject
            {
                ["isTargetRef"] = false,
                ["hasToTargetRef"] = false,
                ["hasFromTargetRef"] = false,
                ["hasRulesTargetRef"] = false,
                ["isFromAsRules"] = false,
            };
        }

        return json;
    }

    private static JsonNode DescribePolicy(ResourceType type) => new JsonObject
    {
        ["name"] = type.Name,
        ["readOnly"] = false,
        ["path"] = type.Plural,
        ["singularDisplayName"] = DisplayName(type),
        ["pluralDisplayName"] = DisplayName(type) + "s",
        ["isExperimental"] = false,
        ["isTargetRefBased"] = false,
        ["isInbound"] = false,
        ["isOutbound"] = false,
    };

    private static bool IsPolicy(ResourceType type) => type == ResourceTypes.TrafficPermission;

    private static string DisplayName(ResourceType type)
        => string.Join(' ', type.Singular.Split('-').Select(w => char.ToUpperInvariant(w[0]).ToString(CultureInfo.InvariantCulture) + w[1..]));

    // No setting holds a secret: keys are in files, which are only named.
    private JsonObject Configuration() => new()
    {
        ["environment"] = "universal",
        ["mode"] = "zone",
        ["store"] = Store(),
        ["apiServer"] = new JsonObject
        {
            ["http"] = Listener(configuration.Api.Listener),
            ["allowUnauthenticatedRemote"] = configuration.Api.AllowUnauthenticatedRemote,
        },
        ["dpServer"] = Listener(configuration.DpServer.Listener),
        ["diagnostics"] = Listener(configuration.Diagnostics),
        ["defaults"] = new JsonObject { ["skipMeshCreation"] = !configuration.DefaultMesh },
        ["proxies"] = new JsonObject
        {
            ["gracePeriod"] = Seconds(configuration.Proxies.GracePeriod),
            ["restartGracePeriod"] = Seconds(configuration.Proxies.RestartGracePeriod),
            ["reconcileInterval"] = Seconds(configuration.Proxies.ReconcileInterval),
        },
    };

    private JsonObject Store() => configuration.Store.Address is PostgresAddress postgres
        ? new()
        {
            ["type"] = "postgres",
            ["postgres"] = new JsonObject
            {
                ["host"] = postgres.Host,
                ["port"] = postgres.Port,
                ["dbName"] = postgres.Database,
                ["user"] = postgres.User,
                ["tls"] = new JsonObject { ["mode"] = postgres.ModeName },
            },
        }
        : new() { ["type"] = "sqlite" };

    private static JsonObject Listener(ListenerConfiguration listener)
        => new() { ["enabled"] = true, ["interface"] = listener.Address.ToString(), ["port"] = listener.Port };

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###}s");
}
