using System.Net.Sockets;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>Finds out which of the server's addresses cannot be listened on, since the web server's own error does not always say.</summary>
internal static class ListenFailure
{
    /// <summary>What a start ends with that could not listen.</summary>
    public static ServerStartException Of(ServerConfiguration configuration, Exception failure) => new(Find(configuration) ?? failure.Message, failure);

    /// <summary>Names the first setting whose address cannot be had now, and why; null when all can.</summary>
    private static string? Find(ServerConfiguration configuration)
        => Problem("api", configuration.Api.Listener) ?? Problem("api", configuration.Api.Tls.Listener, "tlsPort", "tlsAddress") ?? Problem("dpServer", configuration.DpServer.Listener) ?? Problem("diagnostics", configuration.Diagnostics);

    private static string? Problem(string section, ListenerConfiguration listener, string port = "port", string address = "address")
    {
        try
        {
            using var socket = new TcpListener(listener.Address, listener.Port);
            socket.Start();
            return null;
        }
        catch (SocketException e)
        {
            var at = new System.Net.IPEndPoint(listener.Address, listener.Port);
            return e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"{section}.{port}: expected a free port, but another process listens on {at}",
                SocketError.AddressNotAvailable => $"{section}.{address}: expected an address of this machine, found {listener.Address}",
                SocketError.AccessDenied => $"{section}.{port}: this user may not listen on {at}",
                _ => $"{section}: cannot listen on {at}: {e.Message}",
            };
        }
    }
}
