using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace OrleansMesh.Cli.ControlPlane;

/// <summary>Says in words why an HTTP exchange with the control plane failed.</summary>
internal static class HttpFailure
{
    /// <summary>No answer came.</summary>
    /// <param name="remedy">What the person can do about an address where nothing answers.</param>
    public static CommandFailedException NoAnswer(Uri server, Exception cause, string remedy)
    {
        var address = server.GetLeftPart(UriPartial.Authority);
        if (cause is OperationCanceledException)
            return new($"the control plane at {address} did not answer in time", cause);
        var root = cause.GetBaseException();
        return root switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new($"nothing listens at {address}. {remedy}", cause),
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }
                => new($"the host name in {address} is not known. {remedy}", cause),
            AuthenticationException => new($"the certificate of {address} is not trusted: {root.Message}", cause),
            _ => new($"cannot talk to the control plane at {address}: {root.Message} {remedy}", cause),
        };
    }

    /// <summary>An answer came, and it is no success.</summary>
    public static CommandFailedException Refused(Uri request, HttpStatusCode status, string body)
    {
        if (ProblemDocument.Parse(body) is { } problem)
            return new(problem.ToString());
        var words = body.Trim();
        if (words.Length > 300)
            words = words[..300] + "…";
        return new($"{request} answered {(int)status}{(words.Length > 0 ? $": {words}" : "")}");
    }
}
