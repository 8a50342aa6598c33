using Envoy.Config.Core.V3;
using Envoy.Config.Rbac.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
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
        var rules = Rules(mesh, inbound.Permission, inbound.Quarantined);
        IMessage filter = inbound.Protocol.IsHttp() ? Http(rules) : Network(inbound, rules);
        return new TypedExtensionConfig { Name = ResourceNames.Permission(inbound), TypedConfig = Any.Pack(filter) };
    }

    public static IMessage HttpDenyAll() => Http(Rules("", permission: null, quarantined: []));

    public static IMessage NetworkDenyAll(InboundView inbound) => Network(inbound, Rules("", permission: null, quarantined: []));

    private static HttpRbac Http(RBAC rules) => new() { Rules = rules };

    private static NetworkRbac Network(InboundView inbound, RBAC rules) => new() { Rules = rules, StatPrefix = $"inbound_{inbound.Service}." };

    private static RBAC Rules(string mesh, GoverningPermission? permission, ValueList<string> quarantined)
    {
        var rules = new RBAC { Action = RBAC.Types.Action.Allow };
        if (permission is { Sources.Count: > 0 })
        {
            rules.Policies.Add(permission.Name, new Policy
            {
                Permissions = { new Permission { Any = true } },
                Principals = { Callers(mesh, permission.Sources.Select(source => Principal(mesh, source)), quarantined) },
            });
        }

        return rules;
    }

    /// <summary>
    /// Those of the sources that are not shut out. A certificate that names no proxy, from before certificates did, could be that of one that is: while
    /// somebody is shut out it does not count.
    /// </summary>
    private static IEnumerable<Principal> Callers(string mesh, IEnumerable<Principal> sources, ValueList<string> quarantined) => quarantined.Count == 0
        ? sources
        : [AllOf(
            AnyOf(sources),
            Authenticated(new StringMatcher { Prefix = ProxyId.UriPrefix(mesh) }),
            new Principal { NotId = AnyOf(quarantined.Select(proxy => Authenticated(new StringMatcher { Exact = new ProxyId(mesh, proxy).Uri }))) })];

    private static Principal Principal(string mesh, Selector source)
    {
        var identities = CallerIdentities.Of(mesh, source).Select(Authenticated).ToList();
        return identities is [var only] ? only : AllOf([.. identities]);
    }

    private static Principal AllOf(params ReadOnlySpan<Principal> all) => new() { AndIds = new Principal.Types.Set { Ids = { all.ToArray() } } };

    private static Principal AnyOf(IEnumerable<Principal> any) => new() { OrIds = new Principal.Types.Set { Ids = { any } } };

    private static Principal Authenticated(StringMatcher uri)
        => new() { Authenticated = new Principal.Types.Authenticated { PrincipalName = uri } };
}
