using System.Globalization;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Resources;
using OrleansMesh.EventStore;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Rest;

/// <summary>What this server is: its name, what types it has, how it is configured.</summary>
internal sealed class ServerInfoEndpoints(ServerInstance instance, ServerConfiguration configuration)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        Map("/", Operation.OfAnyUser, Index);
        Map("/_resources", Operation.OfAnyUser, () => new JsonObject { ["resources"] = ApiJson.Array(ResourceTypes.All.Select(Describe)) });
        Map("/policies", Operation.OfAnyUser, () => new JsonObject { ["policies"] = ApiJson.Array(ResourceTypes.All.Where(IsPolicy).Select(DescribePolicy)) });
        Map("/config", Operation.Administration, Configuration);
        routes.MapGet("/who-am-i", context => new JsonAnswer(WhoAmI(Requester.Of(context).User)).ExecuteAsync(context)).Needs(Operation.Open);

        void Map(string path, Operation needed, Func<JsonObject> answer)
            => routes.MapGet(path, context => new JsonAnswer(answer()).ExecuteAsync(context)).Needs(needed);
    }

    private static JsonObject WhoAmI(User user) => new() { ["name"] = user.Name, ["groups"] = ApiJson.Array(user.Groups) };

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
            ["https"] = Listener(configuration.Api.Tls.Listener),
            ["authn"] = new JsonObject
            {
                ["localhostIsAdmin"] = configuration.Api.LoopbackIsAdmin,
                ["clientCertificates"] = configuration.Api.Tls.ClientAuthorityFile is not null,
            },
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
