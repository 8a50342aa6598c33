using Microsoft.Extensions.Logging;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tokens;

/// <summary>Ends the streams of this server whose token is good no more: revoked, or signed by a key that was removed.</summary>
internal sealed class TokenSessions(IGrainFactory grains, XdsGatewayOptions options, TimeProvider time, ILogger<TokenSessions> logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, WatchedTokens> _meshes = new(StringComparer.Ordinal);

    /// <summary>From now until it is disposed, the session is ended as soon as its token is good no more.</summary>
    public IDisposable Watch(string mesh, TokenIdentity token, IProxySessionObserver session)
    {
        lock (_gate)
        {
            if (!_meshes.TryGetValue(mesh, out var watched))
                _meshes[mesh] = watched = WatchedTokens.Observe(mesh, options, grains, time, logger);
            watched.Add(session, token);
        }

        return new Ending(() => Unwatch(mesh, session));
    }

    private void Unwatch(string mesh, IProxySessionObserver session)
    {
        lock (_gate)
        {
            if (_meshes.TryGetValue(mesh, out var watched) && watched.Remove(session))
            {
                _meshes.Remove(mesh);
                watched.Dispose();
            }
        }
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}

/// <summary>The tokens of one mesh in this server's streams.</summary>
internal sealed class WatchedTokens : ITokenObserver, IDisposable
{
    private static readonly TimeSpan ObserveAgain = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<IProxySessionObserver, TokenIdentity> _sessions = [];
    private readonly HashSet<TokenVerificationKey> _configured;
    private TokenRules? _rules;

    private WatchedTokens(string mesh, XdsGatewayOptions options)
        => _configured = [.. options.TokenKeys.Where(k => k.Mesh == mesh).Select(k => k.Key)];

    public static WatchedTokens Observe(string mesh, XdsGatewayOptions options, IGrainFactory grains, TimeProvider time, ILogger logger)
    {
        var watched = new WatchedTokens(mesh, options);
        var grain = grains.GetGrain<IMeshGrain>(mesh);
        _ = LastingObservation.RunAsync<ITokenObserver>(
            watched,
            async self => await watched.TokensChanged(await grain.ObserveTokens(self)),
            grain.UnobserveTokens,
            $"the tokens of mesh {mesh}",
            ObserveAgain,
            grains,
            time,
            logger,
            watched._stop.Token);
        return watched;
    }

    public void Add(IProxySessionObserver session, TokenIdentity token)
    {
        lock (_gate)
        {
            _sessions[session] = token;

            // What it was verified by may be newer than what was told here.
            if (_rules is null || token.Rules.Version > _rules.Version)
                Adopt(token.Rules);
            else
                EndIfRefused(session, token, _rules);
        }
    }

    /// <returns>Whether none is left.</returns>
    public bool Remove(IProxySessionObserver session)
    {
        lock (_gate)
        {
            _sessions.Remove(session);
            return _sessions.Count == 0;
        }
    }

    public Task TokensChanged(TokenRules rules)
    {
        lock (_gate)
        {
            if (_rules is null || rules.Version > _rules.Version)
                Adopt(rules);
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private void Adopt(TokenRules rules)
    {
        _rules = rules;
        foreach (var (session, token) in _sessions)
            EndIfRefused(session, token, rules);
    }

    private void EndIfRefused(IProxySessionObserver session, TokenIdentity token, TokenRules rules)
    {
        if (rules.IsRevoked(token.TokenId))
            _ = session.SessionEnded($"its token {token.TokenId} was revoked");
        else if (!rules.Keys.Contains(token.Key) && !_configured.Contains(token.Key))
            _ = session.SessionEnded($"the key {token.Key.KeyId} that signed its token was removed");
    }
}
