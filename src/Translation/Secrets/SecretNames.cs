using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Secrets;

/// <summary>Names of the secrets that a proxy of a mesh with mutual TLS asks for.</summary>
public static class SecretNames
{
    /// <summary>The proxy's own certificate and key.</summary>
    public const string Identity = "identity_cert";

    /// <summary>The certificates of the authorities that the proxy trusts.</summary>
    public const string TrustBundle = "mesh_ca";

    /// <summary>All that this proxy's listeners and clusters refer to, whether there is such a secret yet or not.</summary>
    public static IEnumerable<string> Of(ProxyView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view.Identity is null ? [] : [Identity, TrustBundle, .. OfCallers(view).Select(ResourceNames.Callers)];
    }

    /// <summary>The inbounds that have a secret of their own, which says whose handshake they accept.</summary>
    internal static IEnumerable<InboundView> OfCallers(ProxyView view) => view.Inbounds.Where(inbound => !inbound.Protocol.IsHttp());
}
