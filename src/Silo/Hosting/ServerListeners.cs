using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Tls;
using OrleansMesh.XdsGateway.Grpc;
using OrleansMesh.XdsGateway.Sessions;

namespace OrleansMesh.Silo.Hosting;

/// <summary>The server's listeners in Kestrel.</summary>
internal sealed class ServerListeners(ServerConfiguration configuration, DpServerTls proxyTls, DpServerTls apiTls, ClientCertificates? clients)
{
    private readonly Dictionary<Listener, ListenOptions> _listeners = [];

    /// <summary>The ports, once the listeners are up.</summary>
    public BoundPorts Ports => new(PortOf(Listener.Api), PortOf(Listener.DpServer), PortOf(Listener.Diagnostics), PortOf(Listener.ApiTls));

    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        // Envoy says ":scheme: http" on its gRPC streams even over TLS; nothing here reads the scheme.
        kestrel.AllowAlternateSchemes = true;
        kestrel.Limits.MaxRequestBodySize = configuration.Api.MaxBodyBytes;
        kestrel.Limits.ForLongStreams();
        Listen(Listener.Api, configuration.Api.Listener, plain => plain.Protocols = HttpProtocols.Http1);
        Listen(Listener.DpServer, configuration.DpServer.Listener, secure =>
        {
            secure.Protocols = HttpProtocols.Http1AndHttp2;
            secure.UseSparseHeartbeat();
            secure.UseAdmittedHttps(Handshake(() => proxyTls.Current, [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]));
        });
        Listen(Listener.ApiTls, configuration.Api.Tls.Listener, secure =>
        {
            secure.Protocols = HttpProtocols.Http1;
            secure.UseHttps(Handshake(() => apiTls.Current, [SslApplicationProtocol.Http11], clients));
        });
        Listen(Listener.Diagnostics, configuration.Diagnostics, plain => plain.Protocols = HttpProtocols.Http1);

        void Listen(Listener listener, ListenerConfiguration where, Action<ListenOptions> configure)
            => kestrel.Listen(where.Address, where.Port, options =>
            {
                _listeners[listener] = options;
                options.Mark(listener);
                configure(options);
            });
    }

    private static TlsHandshakeCallbackOptions Handshake(
        Func<SslStreamCertificateContext> certificate, List<SslApplicationProtocol> protocols, ClientCertificates? clients = null)
        => new()
        {
            OnConnection = _ =>
            {
                var handshake = new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate(),
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = protocols,
                };
                clients?.AskFor(handshake);
                return ValueTask.FromResult(handshake);
            },
        };

    private int PortOf(Listener listener) => _listeners[listener].IPEndPoint!.Port;
}
