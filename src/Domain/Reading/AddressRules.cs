using System.Net;
using System.Net.Sockets;

namespace OrleansMesh.Domain.Reading;

/// <summary>What IP addresses and ports may be.</summary>
internal static class AddressRules
{
    public const string BadPort = "port must be in the range [1, 65535]";

    private const int GreatestPort = 65535;

    /// <summary>The port, or null where it is absent or not one.</summary>
    public static int? Port(ObjectReader reader, string name)
    {
        if (reader.Integer(name) is not { } port)
            return null;
        if (port is >= 1 and <= GreatestPort)
            return (int)port;
        reader.Report(name, BadPort);
        return null;
    }

    /// <summary>The port, or 0 where it is not one.</summary>
    public static int RequiredPort(ObjectReader reader, string name)
    {
        if (!reader.Has(name))
            reader.Report(name, BadPort);
        return Port(reader, name) ?? 0;
    }

    /// <summary>An address, or null where it is absent or not one that a host can have.</summary>
    public static string? Address(ObjectReader reader, string name)
    {
        if (reader.Text(name) is not { } address)
            return null;
        if (Parse(address) is not { } parsed)
            reader.Report(name, $"{name} has to be valid IP address");
        else if (parsed.Equals(IPAddress.Any) || parsed.Equals(IPAddress.IPv6Any))
            reader.Report(name, "must not be 0.0.0.0 or ::");
        return address;
    }

    /// <summary>Whether both are written for the same address.</summary>
    public static bool Same(string a, string b) => a == b || (Parse(a) is { } x && x.Equals(Parse(b)));

    /// <summary>Four decimal numbers, or IPv6 without brackets, port or zone.</summary>
    private static IPAddress? Parse(string address)
    {
        if (!IPAddress.TryParse(address, out var parsed) || address.AsSpan().ContainsAny("[]%/"))
            return null;
        return parsed.AddressFamily is AddressFamily.InterNetworkV6 || parsed.ToString() == address ? parsed : null;
    }
}
