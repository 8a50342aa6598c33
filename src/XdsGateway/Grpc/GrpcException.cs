namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>Ends a call with a status that its client sees.</summary>
/// <param name="code">The status.</param>
/// <param name="message">Travels to the client as it is: it must reveal nothing that the client may not know.</param>
public sealed class GrpcException(GrpcStatusCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public GrpcStatusCode Code { get; } = code;
}
