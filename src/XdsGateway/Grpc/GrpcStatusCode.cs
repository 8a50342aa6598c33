namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>The status codes of gRPC that this server uses. Source: grpc/grpc, doc/statuscodes.md.</summary>
public enum GrpcStatusCode
{
    Ok = 0,
    Cancelled = 1,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}
