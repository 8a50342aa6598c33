using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>The sessions of this silo's gateway.</summary>
public sealed class LiveSessions(IGrainFactory grains, ILogger<LiveSessions> logger)
{
    private const int AtOnce = 16;

    private readonly ConcurrentDictionary<string, (ProxyId Proxy, SessionInbox Inbox)> _sessions = new(StringComparer.Ordinal);

    /// <summary>
    /// Ends the sessions whose proxy's grain does not know them, since it was lost with its silo: the proxy connects anew, and is sent nothing that it holds. One
    /// that cannot be asked now goes on with what it has, until the next time.
    /// </summary>
    public Task EndLostAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        _sessions,
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (session, _) =>
        {
            var (proxy, inbox) = session.Value;
            try
            {
                if (!await grains.GetGrain<IProxyGrain>(proxy.Key).Serves(session.Key))
                    await inbox.SessionEnded("its grain was lost with its silo");
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Whether the grain of proxy {Proxy} knows its session could not be found out", proxy);
            }
        });

    /// <returns>Takes the session away again.</returns>
    internal IDisposable Add(string session, ProxyId proxy, SessionInbox inbox)
    {
        _sessions[session] = (proxy, inbox);
        return new Removal(this, session);
    }

    private sealed class Removal(LiveSessions sessions, string session) : IDisposable
    {
        public void Dispose() => sessions._sessions.TryRemove(session, out _);
    }
}
