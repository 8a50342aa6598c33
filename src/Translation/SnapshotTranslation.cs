using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation;

/// <summary>Turns what a proxy has to do into what Envoy is told.</summary>
public static class SnapshotTranslation
{
    /// <summary>
    /// The proxy's listeners, routes, clusters, permissions and, with mutual TLS, the trust bundle (left out while there is none to trust:
    /// the proxy then keeps the one that it has, and one that has none serves nothing). Equal views give equal bytes.
    /// </summary>
    /// <exception cref="ArgumentException">Two inbounds, or two outbounds, share an address and port.</exception>
    public static ProxySnapshot Translate(ProxyView view) => new SnapshotTranslator().Translate(view, before: null);
}
