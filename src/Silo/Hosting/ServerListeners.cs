using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Tls;
using OrleansMesh.XdsGateway.Grpc;
using OrleansMesh.XdsGateway.Sessions;

namespace OrleansMesh.Silo.Hosting;

/// <summary>The server's three listeners in Kestrel.</summary>
internal sealed class ServerListeners(ServerConfiguration configuration, DpServerTls tls)
{
    private readonly Dictionary<Listener, ListenOptions> _listeners = [];

    /// <summary>The ports, once the listeners are up.</summary>
    public BoundPorts Ports => new(PortOf(Listener.Api), PortOf(Listener.DpServer), PortOf(Listener.Diagnostics));

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
            secure.UseAdmittedHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = tls.Current,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                }),
            });
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

    private int PortOf(Listener listener) => _listeners[listener].IPEndPoint!.Port;
}
