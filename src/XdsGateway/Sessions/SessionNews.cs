using Google.Protobuf;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>What has happened since the session last looked.</summary>
internal sealed class SessionNews
{
    public Queue<IMessage> Requests { get; } = new();

    public Dictionary<EndpointSelection, EncodedResource> Endpoints { get; } = [];

    public ProxyView? View { get; set; }

    public SignedIdentity? Certificate { get; set; }

    public bool RenewalDue { get; set; }

    /// <summary>A proxy that had something to resume has said by now what it wants.</summary>
    public bool ReconnectOver { get; set; }

    public string? Ended { get; set; }

    public bool RequestsEnded { get; set; }

    public Exception? RequestFailure { get; set; }
}
