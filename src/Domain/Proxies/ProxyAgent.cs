namespace OrleansMesh.Domain.Proxies;

/// <summary>What a proxy says of itself when it connects.</summary>
/// <param name="EnvoyVersion">Envoy's version; empty when it does not say.</param>
/// <param name="AgentVersion">The version of what started Envoy (<c>kuma-dp</c>, <c>meshctl</c>); empty when it does not say.</param>
/// <param name="Variant"><c>delta</c> or <c>sotw</c>.</param>
public sealed record ProxyAgent(string EnvoyVersion, string AgentVersion, string Variant);
