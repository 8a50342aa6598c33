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
                "ready: API {Api} and {ApiTls}, dp-server {DpServer}, diagnostics {Diagnostics}, data {Data}, event log {Store}",
                Url("http", configuration.Api.Listener, ports.Api),
                Url("https", configuration.Api.Tls.Listener, ports.ApiTls),
                Url("https", configuration.DpServer.Listener, ports.DpServer),
                Url("http", configuration.Diagnostics, ports.Diagnostics),
                data.Path,
                configuration.Store.Address);
        }

        if (configuration.Api.LoopbackIsAdmin)
        {
            logger.LogWarning(
                "whoever is on this machine may do everything without a token, since {Setting} is on; {Flag} ends that", Settings.ApiLoopbackIsAdmin.Path, Settings.ApiLoopbackIsAdmin.Flag);
        }
    }

    private string Text(BoundPorts ports)
    {
        var trust = configuration.DpServer.TlsCertificateFile ?? data.FileNamed(DpServerTls.AuthorityFile);
        var apiTrust = configuration.Api.Tls.CertificateFile ?? data.FileNamed(DpServerTls.AuthorityFile);
        return $"""

              OrleansMesh {ServerInstance.Version} is ready

                REST API     {Url("http", configuration.Api.Listener, ports.Api)}    for meshctl and kumactl; {Local}
                with TLS     {Url("https", configuration.Api.Tls.Listener, ports.ApiTls)}   with a token or a client certificate; trust {apiTrust}
                proxies      {Url("https", configuration.DpServer.Listener, ports.DpServer)}   xDS and bootstrap; trust {trust}
                diagnostics  {Url("http", configuration.Diagnostics, ports.Diagnostics)}    /healthy /ready /metrics
                data         {data.Path}
                event log    {configuration.Store.Address}

              Ctrl+C stops it; everything that was acknowledged is kept.


            """;
    }

    private string Local => configuration.Api.LoopbackIsAdmin ? "whoever is on this machine is admin" : "with a token";

    private static string Url(string scheme, ListenerConfiguration listener, int port)
        => listener.Address.AddressFamily is AddressFamily.InterNetworkV6 ? $"{scheme}://[{listener.Address}]:{port}" : $"{scheme}://{listener.Address}:{port}";
}
