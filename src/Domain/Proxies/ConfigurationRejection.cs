using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Proxies;

/// <summary>Resources that Envoy refused; it keeps what it had before.</summary>
/// <param name="TypeUrl">The xDS type.</param>
/// <param name="Resources">Names of the resources that the refused response held.</param>
/// <param name="Message">Envoy's own words.</param>
public sealed record ConfigurationRejection(string TypeUrl, ValueList<string> Resources, string Message);
