namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>Names that gRPC gives to things on the wire. Source: grpc/grpc, doc/PROTOCOL-HTTP2.md.</summary>
internal static class GrpcProtocol
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Identity = "identity";

    /// <summary><c>application/grpc</c>, alone or with the message format (<c>+proto</c>) or parameters; not <c>application/grpc-web</c>.</summary>
    public static bool IsContentType(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');
}
