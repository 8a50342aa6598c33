using Envoy.Config.Core.V3;
using Envoy.Config.Rbac.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;
using HttpRbac = Envoy.Extensions.Filters.Http.Rbac.V3.RBAC;
using NetworkRbac = Envoy.Extensions.Filters.Network.Rbac.V3.RBAC;

namespace OrleansMesh.Translation.Extensions;

/// <summary>
/// Who may call an inbound, as an ECDS resource: it changes without its listener, and so without closing a connection.
/// What is not allowed is denied: rules that allow and name nobody deny everybody.
/// </summary>
internal static class PermissionExtension
{
    public static TypedExtensionConfig Of(string mesh, InboundView inbound)
    {
        var rules = Rules(mesh, inbound.Permission);
        IMessage filter = inbound.Protocol.IsHttp() ? Http(rules) : Network(inbound, rules);
        return new TypedExtensionConfig { Name = ResourceNames.Permission(inbound), TypedConfig = Any.Pack(filter) };
    }

    public static IMessage HttpDenyAll() => Http(Rules(permission: null, mesh: ""));

    public static IMessage NetworkDenyAll(InboundView inbound) => Network(inbound, Rules(permission: null, mesh: ""));

    private static HttpRbac Http(RBAC rules) => new() { Rules = rules };

    private static NetworkRbac Network(InboundView inbound, RBAC rules) => new() { Rules = rules, StatPrefix = $"inbound_{inbound.Service}." };

    private static RBAC Rules(string mesh, GoverningPermission? permission)
    {
        var rules = new RBAC { Action = RBAC.Types.Action.Allow };
        if (permission is { Sources.Count: > 0 })
        {
            rules.Policies.Add(permission.Name, new Policy
            {
                Permissions = { new Permission { Any = true } },
                Principals = { permission.Sources.Select(source => Principal(mesh, source)) },
            });
        }

        return rules;
    }

    private static Principal Principal(string mesh, Selector source)
    {
        var identities = CallerIdentities.Of(mesh, source).Select(Authenticated).ToList();
        return identities is [var only] ? only : new Principal { AndIds = new Principal.Types.Set { Ids = { identities } } };
    }

    private static Principal Authenticated(StringMatcher uri)
        => new() { Authenticated = new Principal.Types.Authenticated { PrincipalName = uri } };
}
