using System.Net;
using System.Net.Sockets;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Files;
using OrleansMesh.Silo.Tls;

namespace OrleansMesh.Silo.Hosting;

/// <summary>Tells whoever started the server where it is.</summary>
internal sealed class Banner(ServerConfiguration configuration, DataFolder data, ILogger<Banner> logger)
{
    public void Show(BoundPorts ports)
    {
        if (configuration.Log.Format is LogFormat.Text)
        {
            Console.Out.Write(Text(ports));
        }
        else
        {
            logger.LogInformation(
                "ready: API {Api}, dp-server {DpServer}, diagnostics {Diagnostics}, data {Data}, event log {Store}",
                Url("http", configuration.Api.Listener, ports.Api),
                Url("https", configuration.DpServer.Listener, ports.DpServer),
                Url("http", configuration.Diagnostics, ports.Diagnostics),
                data.Path,
                configuration.Store.Address);
        }

        if (!IPAddress.IsLoopback(configuration.Api.Listener.Address))
        {
            logger.LogWarning(
                "the API has no authentication and listens on {Address}: whoever reaches it can change everything", configuration.Api.Listener.Address);
        }
    }

    private string Text(BoundPorts ports)
    {
        var trust = configuration.DpServer.TlsCertificateFile ?? data.FileNamed(DpServerTls.AuthorityFile);
        return $"""

              OrleansMesh {ServerInstance.Version} is ready

                REST API     {Url("http", configuration.Api.Listener, ports.Api)}    for meshctl and kumactl
                proxies      {Url("https", configuration.DpServer.Listener, ports.DpServer)}   xDS and bootstrap; trust {trust}
                diagnostics  {Url("http", configuration.Diagnostics, ports.Diagnostics)}    /healthy /ready /metrics
                data         {data.Path}
                event log    {configuration.Store.Address}

              Ctrl+C stops it; everything that was acknowledged is kept.


            """;
    }

    private static string Url(string scheme, ListenerConfiguration listener, int port)
        => listener.Address.AddressFamily is AddressFamily.InterNetworkV6 ? $"{scheme}://[{listener.Address}]:{port}" : $"{scheme}://{listener.Address}:{port}";
}
