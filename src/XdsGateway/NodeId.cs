using OrleansMesh.Domain.Views;

namespace OrleansMesh.XdsGateway;

/// <summary>Envoy's node id of a proxy: <c>{mesh}.{name}</c>. A mesh's name has no dot.</summary>
public static class NodeId
{
    public static string Of(ProxyId proxy) => $"{proxy.Mesh}.{proxy.Name}";

    /// <summary>False when the text is not a mesh and a name with a dot between.</summary>
    public static bool TryParse(string text, out ProxyId proxy)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        proxy = dot > 0 && dot < text.Length - 1 ? new(text[..dot], text[(dot + 1)..]) : default;
        return proxy.Mesh is not null;
    }
}
