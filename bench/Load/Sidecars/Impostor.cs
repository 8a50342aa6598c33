using OrleansMesh.Load.Transport;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Sidecars;

/// <summary>Somebody who claims to be a proxy and cannot prove it.</summary>
internal static class Impostor
{
    /// <param name="token">One that is not the proxy's; null: none.</param>
    /// <returns>What it achieved; null when it was refused and told nothing.</returns>
    public static async Task<string?> TryAsync(ServerAddress server, Variant variant, SimulatedProxy claimed, string? token, TimeSpan patience)
    {
        var responses = 0;
        var xds = new XdsClient(variant, claimed.Node(), claimed.Listeners, new BodyCatalog(), (_, _, _) => { });
        using var limit = new CancellationTokenSource(patience);
        try
        {
            using var connection = await GrpcConnection.OpenAsync(server, Sidecar.PathOf(variant), token, _ => responses++, limit.Token);
            xds.Connected(bytes => connection.Send(bytes));
            await connection.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return $"one that claims to be {claimed.Name} was not refused within {patience.TotalSeconds:0} s, and sent {responses} responses";
        }
        catch (IOException)
        {
            // Cut off, which is a refusal too.
        }

        return responses == 0 ? null : $"one that claims to be {claimed.Name} was sent {responses} responses";
    }
}
