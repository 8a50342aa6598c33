using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.EventSourcing;
using OrleansMesh.Grains.Tokens;

namespace OrleansMesh.Grains.Access;

/// <inheritdoc cref="IAccessGrain"/>
public sealed class AccessGrain(EventSourcedGrainServices services, ISecretVault vault, ILogger<AccessGrain> logger)
    : EventSourcedGrain<AccessState, AccessEvent>("access", AccessState.Empty, services, logger), IAccessGrain
{
    private string SecretPurpose => $"{Stream}/user-token-signing-key";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        await DestroyRetiredKeysAsync();
    }

    public Task<CommandResult> ApplyRole(AccessRole role, Caller caller) => DecideAsync(new ApplyAccessRole(role), caller);

    public Task<CommandResult> DeleteRole(string name, Caller caller) => DecideAsync(new DeleteAccessRole(name), caller);

    public Task<CommandResult> ApplyBinding(AccessRoleBinding binding, Caller caller) => DecideAsync(new ApplyAccessRoleBinding(binding), caller);

    public Task<CommandResult> DeleteBinding(string name, Caller caller) => DecideAsync(new DeleteAccessRoleBinding(name), caller);

    public async Task<IssuedToken> IssueUserToken(UserTokenRequest request, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(request.ValidFor, TimeSpan.Zero);
        var position = State.Tokens.Keys.Count == 0 ? (await AddKeyAsync(null, onlyTheFirst: true, caller)).Position : 0;
        var tokenId = Guid.NewGuid().ToString();
        var token = await SigningKeys.SignAsync(
            vault, State.Tokens.Keys[^1], SecretPurpose, TokenClaims.OfUser(request.Name, request.Groups, tokenId, Time.GetUtcNow(), request.ValidFor));
        logger.LogInformation(
            "Token {TokenId} for user '{User}' of groups {Groups} issued to {Actor}, valid for {ValidFor}", tokenId, request.Name, request.Groups, caller.Actor, request.ValidFor);
        return new IssuedToken(token, position);
    }

    public Task<CommandResult> AddTokenSigningKey(ImportedSigningKey? imported, Caller caller) => AddKeyAsync(imported, onlyTheFirst: false, caller);

    public Task<CommandResult> ChangeTokens(KeyringCommand command, Caller caller) => DecideAsync(new ChangeUserTokens(command), caller);

    protected override AccessState Evolve(AccessState state, AccessEvent happened) => AccessDecider.Evolve(state, happened);

    protected override Task OnAppliedAsync(AccessState before, IReadOnlyList<AccessEvent> events, Caller caller) => DestroyRetiredKeysAsync();

    private Task<CommandResult> DecideAsync(AccessCommand command, Caller caller) => DecideAsync(state => AccessDecider.Decide(command, state), caller);

    private Task<CommandResult> AddKeyAsync(ImportedSigningKey? imported, bool onlyTheFirst, Caller caller)
        => KeyAddition.AddAsync(vault, State.Tokens, SecretPurpose, imported, key => DecideAsync(new ChangeUserTokens(new AddSigningKey(key, onlyTheFirst)), caller));

    private Task DestroyRetiredKeysAsync() => vault.DestroyRetiredAsync(State.RetiredDataKeys, logger);
}
