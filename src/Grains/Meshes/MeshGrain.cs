using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.EventSourcing;
using OrleansMesh.Grains.Tokens;

namespace OrleansMesh.Grains.Meshes;

/// <inheritdoc cref="IMeshGrain"/>
public sealed class MeshGrain(EventSourcedGrainServices services, ISecretVault vault, ILogger<MeshGrain> logger)
    : EventSourcedGrain<MeshState, MeshEvent>("mesh", MeshState.Empty, services, logger), IMeshGrain
{
    private readonly MeshInterests _interests = new();
    private readonly HashSet<ITokenObserver> _tokenObservers = [];
    private TokenRules? _tokenRules;
    private PermissionIndex _permissions = PermissionIndex.Empty;

    // One for all observers, since it is the same for all.
    private TrustView? _trust;

    private string SecretPurpose => $"{Stream}/token-signing-key";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _permissions = PermissionIndex.Of(State.Permissions);
        _trust = State.Trust.ToView();
        await DestroyRetiredKeysAsync();
    }

    public Task<CommandResult> ApplyMesh(Mesh mesh, Caller caller) => DecideAsync(new ApplyMesh(mesh), caller);

    public Task<CommandResult> DeleteMesh(Caller caller) => DecideAsync(new DeleteMesh(_interests.Observers.Count), caller);

    public Task<CommandResult> ApplyTrafficPermission(TrafficPermission permission, Caller caller)
        => DecideAsync(new ApplyTrafficPermission(permission), caller);

    public Task<CommandResult> DeleteTrafficPermission(string name, Caller caller) => DecideAsync(new DeleteTrafficPermission(name), caller);

    public Task<CommandResult> TrustAuthority(TrustedAuthority authority, Caller caller)
        => DecideAsync(new TrustAuthority(authority, Time.GetUtcNow(), Options.RotationTimeLimit), caller);

    public Task<CommandResult> AdvanceRotation(TrustFacts facts, bool nextCanSign, Caller caller)
        => DecideAsync(new AdvanceRotation(facts, nextCanSign, Time.GetUtcNow(), Options.RotationSettling), caller);

    public Task<CommandResult> ControlRotation(RotationControl control, TrustFacts facts, Caller caller) => DecideAsync(
        control switch
        {
            RotationControl.Pause => new PauseRotation(),
            RotationControl.Resume => new ResumeRotation(),
            RotationControl.Reverse => new ReverseRotation(Time.GetUtcNow(), Options.RotationTimeLimit),
            RotationControl.Force => new ForceRotation(facts, Time.GetUtcNow()),
            _ => throw new ArgumentOutOfRangeException(nameof(control), control, null),
        },
        caller);

    public Task<CommandResult> ApplyProxyQuarantine(ProxyQuarantine quarantine, Caller caller) => DecideAsync(new ApplyProxyQuarantine(quarantine), caller);

    public Task<CommandResult> DeleteProxyQuarantine(string name, Caller caller) => DecideAsync(new DeleteProxyQuarantine(name), caller);

    public Task<ProxyQuarantine?> FindQuarantine(string proxy) => Task.FromResult(State.Quarantines.FirstOrDefault(q => q.Proxy == proxy));

    public async Task<string?> IssueDataplaneToken(DataplaneTokenRequest request, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(request.ValidFor, TimeSpan.Zero);
        if (State is { Mesh: not null, Tokens.Keys.Count: 0 })
            await AddKeyAsync(null, onlyTheFirst: true, caller);
        if (State is not { Mesh: { } mesh, Tokens.Keys: [.., var newest] })
            return null;
        var tokenId = Guid.NewGuid().ToString();
        var token = await SigningKeys.SignAsync(vault, newest, SecretPurpose, TokenClaims.OfDataplane(
            mesh.Name, request.Name, request.Type, request.Tags.Select(t => (t.Tag, t.Values)), tokenId, Time.GetUtcNow(), request.ValidFor));
        logger.LogInformation(
            "Token {TokenId} for proxy '{Proxy}' of mesh {Mesh} issued to {Actor}, valid for {ValidFor}", tokenId, request.Name, mesh.Name, caller.Actor, request.ValidFor);
        return token;
    }

    public async Task<CommandResult> AddTokenSigningKey(ImportedSigningKey? imported, Caller caller)
        => State.Mesh is null ? new CommandResult(Outcome.MeshNotFound) : await AddKeyAsync(imported, onlyTheFirst: false, caller);

    public Task<CommandResult> ChangeTokens(KeyringCommand command, Caller caller) => DecideAsync(new ChangeDataplaneTokens(command), caller);

    public Task<TokenRules> GetTokenRules()
    {
        // Whoever is not authenticated yet names the mesh: made-up names must not fill the memory.
        if (State.Mesh is null)
            DeactivateOnIdle();
        return Task.FromResult(TokenRules);
    }

    public Task<TokenRules> ObserveTokens(ITokenObserver observer)
    {
        _tokenObservers.Add(observer);
        StayActiveWhileObserved();
        return Task.FromResult(TokenRules);
    }

    public Task UnobserveTokens(ITokenObserver observer)
    {
        _tokenObservers.Remove(observer);
        StayActiveWhileObserved();
        return Task.CompletedTask;
    }

    public Task<MeshSlice?> Observe(IMeshObserver observer, ValueList<TagSet> inbounds)
    {
        if (State.Mesh is null)
            return Task.FromResult<MeshSlice?>(null);
        _interests.Add(observer, inbounds, _permissions);
        StayActiveWhileObserved();
        return Task.FromResult<MeshSlice?>(SliceFor(observer));
    }

    public Task Unobserve(IMeshObserver observer)
    {
        _interests.Remove(observer);
        StayActiveWhileObserved();
        return Task.CompletedTask;
    }

    protected override MeshState Evolve(MeshState state, MeshEvent happened) => MeshDecider.Evolve(state, happened);

    protected override async Task OnAppliedAsync(MeshState before, IReadOnlyList<MeshEvent> events, Caller caller)
    {
        var destinations = IndexPermissions(before, events);
        var trustBefore = _trust;
        if (State.Trust != before.Trust)
        {
            _trust = State.Trust.ToView();
            LogTrust(events);
        }

        var (shutOutBefore, shutOut) = (before.QuarantinedProxies, State.QuarantinedProxies);

        // They need not be connected, so they may not observe the mesh. Whoever misses it is found by the reconciler.
        foreach (var proxy in shutOut.Except(shutOutBefore).Concat(shutOutBefore.Except(shutOut)))
            _ = GrainFactory.GetGrain<IProxyGrain>($"{this.GetPrimaryKeyString()}/{proxy}").FollowQuarantine(caller);
        if (!ReferenceEquals(State.Tokens, before.Tokens))
            await TellOfTokensAsync();
        if (events.OfType<MeshDeleted>().Any())
        {
            foreach (var observer in _interests.Observers)
                _ = observer.MeshChanged(null);
            _interests.Clear();
            StayActiveWhileObserved();
            await DestroyRetiredKeysAsync();
            return;
        }

        IReadOnlyCollection<IMeshObserver> affected = _interests.Update(destinations, _permissions);
        if (State.SigningBackend != before.SigningBackend || !Equals(_trust, trustBefore) || !shutOut.Equals(shutOutBefore))
            affected = _interests.Observers;
        foreach (var observer in affected)
            _ = observer.MeshChanged(SliceFor(observer));
        if (State.RetiredDataKeys != before.RetiredDataKeys)
            await DestroyRetiredKeysAsync();
    }

    private Task<CommandResult> DecideAsync(MeshCommand command, Caller caller) => DecideAsync(state => MeshDecider.Decide(command, state), caller);

    private MeshSlice SliceFor(IMeshObserver observer)
    {
        var (inbounds, permissions) = _interests.Of(observer);
        return new MeshSlice(Version, State.SigningBackend, inbounds, permissions, State.QuarantinedProxies, _trust);
    }

    /// <summary>Keeps the index in step with the state.</summary>
    /// <returns>The destinations of the permissions that changed, as they were and as they are.</returns>
    private List<Selector> IndexPermissions(MeshState before, IReadOnlyList<MeshEvent> events)
    {
        List<Selector> destinations = [];
        if (events.OfType<MeshDeleted>().Any())
        {
            _permissions = PermissionIndex.Of(State.Permissions);
            return destinations;
        }

        foreach (var name in events.Select(NameOfPermission).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (_permissions.Find(name) is { } old)
                destinations.AddRange(old.Permission.Destinations);
            if (State.Permissions.FirstOrDefault(p => p.Permission.Name == name) is { } now)
            {
                destinations.AddRange(now.Permission.Destinations);
                _permissions = _permissions.With(now);
            }
            else
            {
                _permissions = _permissions.Without(name);
            }
        }

        return destinations;
    }

    private void LogTrust(IReadOnlyList<MeshEvent> events)
    {
        foreach (var happened in events)
        {
            switch (happened)
            {
                case AuthorityTrusted e:
                    logger.LogInformation("Mesh {Stream}: authority {Authority} of backend {Backend} is trusted from now on", Stream, e.Authority.Id, e.Authority.Backend);
                    break;
                case SignerChanged { Unconfirmed.Count: > 0 } e:
                    logger.LogWarning(
                        "Mesh {Stream}: authority {Authority} signs from now on ({Reason}); not known to be trusted by {Proxies}", Stream, e.AuthorityId, e.Reason, e.Unconfirmed);
                    break;
                case SignerChanged e:
                    logger.LogInformation("Mesh {Stream}: authority {Authority} signs from now on ({Reason})", Stream, e.AuthorityId, e.Reason);
                    break;
                case AuthorityWithdrawn e:
                    logger.LogInformation("Mesh {Stream}: authority {Authority} is trusted no more ({Reason})", Stream, e.AuthorityId, e.Reason);
                    break;
                case RotationReversed e:
                    logger.LogInformation("Mesh {Stream}: back to authority {Authority}; {HeldBack} is held back", Stream, e.AuthorityId, e.HeldBack);
                    break;
            }
        }
    }

    private static string? NameOfPermission(MeshEvent happened) => happened switch
    {
        TrafficPermissionCreated e => e.Permission.Name,
        TrafficPermissionChanged e => e.Permission.Name,
        TrafficPermissionDeleted e => e.Name,
        _ => null,
    };

    // Each session keeps those by which its token was found good: one object for all of them.
    private TokenRules TokenRules => _tokenRules ??= new(
        Version,
        State.Tokens.Keys.Select(key => new TokenVerificationKey(key.KeyId, ValueList.Create<byte>(Convert.FromBase64String(key.PublicKey)))).ToValueList(),
        State.Tokens.Revoked);

    private Task<CommandResult> AddKeyAsync(ImportedSigningKey? imported, bool onlyTheFirst, Caller caller)
        => KeyAddition.AddAsync(vault, State.Tokens, SecretPurpose, imported, key => DecideAsync(new ChangeDataplaneTokens(new AddSigningKey(key, onlyTheFirst)), caller));

    // First of all to those who end streams; then what was removed is destroyed.
    private Task TellOfTokensAsync()
    {
        _tokenRules = null;
        var rules = TokenRules;
        foreach (var observer in _tokenObservers)
            _ = observer.TokensChanged(rules);
        return DestroyRetiredKeysAsync();
    }

    private void StayActiveWhileObserved() => StayActive(_interests.Observers.Count > 0 || _tokenObservers.Count > 0);

    private Task DestroyRetiredKeysAsync() => vault.DestroyRetiredAsync(State.RetiredDataKeys, logger);
}
