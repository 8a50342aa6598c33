using System.Net;
using System.Net.Sockets;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>Ports of loopback that nobody uses.</summary>
internal static class Ports
{
    private static readonly HashSet<int> Given = [];
    private static int _next = 20_000 + (Environment.ProcessId % 1_000 * 10);

    /// <summary>A port below those that the system hands out by itself, so that no outgoing connection takes it in the meantime.</summary>
    public static int Free()
    {
        lock (Given)
        {
            while (true)
            {
                var port = _next = _next >= 32_000 ? 20_000 : _next + 1;
                if (Given.Contains(port) || !CanBind(port))
                    continue;
                Given.Add(port);
                return port;
            }
        }
    }

    private static bool CanBind(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
