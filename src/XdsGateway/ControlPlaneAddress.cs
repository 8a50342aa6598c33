using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansMesh.XdsGateway;

/// <summary>Where proxies reach the dp-server of one control plane server.</summary>
/// <param name="Host">A DNS name or an IP address, the latter without brackets.</param>
public sealed record ControlPlaneAddress(string Host, int Port)
{
    /// <summary>What is expected of an address, for messages.</summary>
    public const string Form = "host:port or https://host:port";

    /// <summary>Reads <c>host:port</c> or <c>https://host:port</c>; an IPv6 address stands in brackets.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ControlPlaneAddress? address)
    {
        ArgumentNullException.ThrowIfNull(text);
        const string Scheme = "https://";
        var rest = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].TrimEnd('/') : text;
        var colon = rest.LastIndexOf(':');
        address = colon > 0
            && ushort.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            && HostOf(rest[..colon]) is { } host
            ? new(host, port)
            : null;
        return address is not null;
    }

    private static string? HostOf(string text)
        => text is ['[', .. var inner, ']'] ? (Uri.CheckHostName(inner) == UriHostNameType.IPv6 ? inner : null)
            : Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4 ? text.ToLowerInvariant()
            : null;
}
