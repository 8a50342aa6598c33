using System.Net;

namespace OrleansMesh.Domain.Reading;

/// <summary>The addresses and ports on which a proxy is to listen: each can be claimed once.</summary>
internal sealed class ListenerPorts
{
    private readonly Dictionary<(string Address, int Port), string> _claims = [];

    /// <summary>Notes a problem when the address and port are taken. What is no address or no port has been noted before.</summary>
    public void Claim(ObjectReader claimant, string address, int port)
    {
        if (port == 0 || !IPAddress.TryParse(address, out var parsed))
            return;
        if (!_claims.TryAdd((parsed.ToString(), port), claimant.Path))
            claimant.Report("port", $"port {port} on {address} is already used by {_claims[(parsed.ToString(), port)]}");
    }
}
