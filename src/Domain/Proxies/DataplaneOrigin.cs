namespace OrleansMesh.Domain.Proxies;

/// <summary>Who made a Dataplane, and so how long it lives.</summary>
public enum DataplaneOrigin
{
    /// <summary>The API: it stays until it is deleted.</summary>
    Api,

    /// <summary>The proxy that presented it: it goes when its proxy is gone for good.</summary>
    Proxy,
}
