using System.Text.Json.Serialization;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Services;

/// <summary>Where a service is reached: one inbound of one proxy.</summary>
/// <param name="Address">An IP address.</param>
/// <param name="Tags">The inbound's tags.</param>
/// <param name="Ready">Whether it may be sent traffic now.</param>
public sealed record Endpoint(string Address, int Port, TagSet Tags, bool Ready)
{
    [JsonIgnore]
    public Protocol Protocol => Protocols.Of(Tags);
}
