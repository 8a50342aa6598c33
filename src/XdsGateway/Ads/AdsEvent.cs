namespace OrleansMesh.XdsGateway.Ads;

/// <summary>What a request of the client meant.</summary>
public abstract record AdsEvent
{
    private AdsEvent()
    {
    }

    /// <summary>The client wants other resources of a type than before.</summary>
    /// <param name="Added">Names that it did not ask for before; <c>*</c> for all.</param>
    /// <param name="Removed">Names that it no longer asks for; <c>*</c> for all.</param>
    /// <param name="HeldVersions">On the first request of a stream in the delta variant: the versions that the client holds from an earlier stream.</param>
    public sealed record SubscriptionChanged(
        string Type, IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyDictionary<string, string> HeldVersions) : AdsEvent;

    /// <summary>The client accepted a response.</summary>
    public sealed record Acknowledged(string Type, string Nonce) : AdsEvent;

    /// <summary>The client refused a response. It keeps what it had; what it refused is not sent again until it changes.</summary>
    /// <param name="Message">The client's own words.</param>
    /// <param name="Resources">Names of the resources that are taken to be refused: those that the message names, or else all that the response changed.</param>
    public sealed record Rejected(string Type, string Nonce, string Message, IReadOnlyList<string> Resources) : AdsEvent;

    /// <summary>The request breaks the protocol or a limit and was not applied: end the stream with INVALID_ARGUMENT.</summary>
    public sealed record ProtocolError(string Message) : AdsEvent;
}
