using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>TLS whose handshakes are admitted, so that thousands of them at once leave processor time to the connections that stand.</summary>
public static class AdmittedHandshakes
{
    /// <summary>How long a client may take, its wait not counted, to say its first byte, and then to complete the handshake.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Serves TLS at this listener. The server supplies <see cref="Admissions"/>.</summary>
    public static ListenOptions UseAdmittedHttps(this ListenOptions listener, TlsHandshakeCallbackOptions tls)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentNullException.ThrowIfNull(tls);
        var handshakes = listener.ApplicationServices.GetRequiredService<Admissions>().Handshakes;
        tls.HandshakeTimeout = Limit;
        listener.Use(next => connection => AwaitTurnAsync(connection, next, handshakes));
        listener.UseHttps(tls);
        listener.Use(next => connection =>
        {
            connection.Features.Get<Turn>()!.Place.Dispose();
            return next(connection);
        });
        return listener;
    }

    private static async Task AwaitTurnAsync(ConnectionContext connection, ConnectionDelegate next, Admission handshakes)
    {
        // A client that connects and says nothing takes nobody's turn.
        if (!await SpeaksAsync(connection))
            return;
        Admission.Place place;
        try
        {
            place = await handshakes.EnterAsync(connection.ConnectionClosed);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        using (place)
        {
            connection.Features.Set(new Turn(place));
            await next(connection);
        }
    }

    private static async ValueTask<bool> SpeaksAsync(ConnectionContext connection)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(Limit);
        try
        {
            var first = await connection.Transport.Input.ReadAsync(limit.Token);

            // Left where it is, for the handshake.
            connection.Transport.Input.AdvanceTo(first.Buffer.Start);
            return !first.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private sealed record Turn(Admission.Place Place);
}
