using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Secrets;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.EventSourcing;

namespace OrleansMesh.Grains.Secrets;

/// <inheritdoc cref="ISecretsGrain"/>
public sealed class SecretsGrain(EventSourcedGrainServices services, ISecretVault vault, ILogger<SecretsGrain> logger)
    : EventSourcedGrain<SecretsState, SecretEvent>("secrets", SecretsState.Empty, services, logger), ISecretsGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        await DestroyRetiredKeysAsync();
    }

    public async Task<CommandResult> Apply(SecretResource secret, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var data = secret.Data ?? throw new ArgumentException("expected a secret with its data", nameof(secret));
        if (State.Find(secret.Name) is { } before && before.Labels.Equals(secret.Labels) && await HoldsAsync(before, data))
            return new CommandResult(Outcome.Unchanged);
        var bytes = data.Bytes.ToArray();
        try
        {
            var made = new StoredSecret(secret.Name, await vault.SealForEventAsync(bytes, PurposeOf(secret.Name)), secret.Labels);
            return await DecideAsync(new StoreSecret(made), caller);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public Task<CommandResult> Delete(string name, Caller caller) => DecideAsync(new DeleteSecret(name), caller);

    public Task<CommandResult> DeleteAll(Caller caller) => DecideAsync(new DeleteAllSecrets(), caller);

    public async Task<SecretData?> Read(string name)
    {
        if (State.Find(name) is not { } secret)
            return null;
        var bytes = Array.Empty<byte>();
        try
        {
            bytes = await vault.UnsealAsync(secret.Data, PurposeOf(name));
            return new SecretData(bytes);
        }
        catch (SecretUnavailableException e)
        {
            throw new InvalidOperationException($"the secret {Stream}/{name} cannot be unsealed", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    protected override SecretsState Evolve(SecretsState state, SecretEvent happened) => SecretsDecider.Evolve(state, happened);

    protected override Task OnAppliedAsync(SecretsState before, IReadOnlyList<SecretEvent> events, Caller caller) => DestroyRetiredKeysAsync();

    private Task<CommandResult> DecideAsync(SecretCommand command, Caller caller) => DecideAsync(state => SecretsDecider.Decide(command, state), caller);

    // What cannot be read any more is replaced.
    private async Task<bool> HoldsAsync(StoredSecret secret, SecretData data)
    {
        try
        {
            return data.Equals(await Read(secret.Name));
        }
        catch (InvalidOperationException e)
        {
            logger.LogWarning(e, "The secret {Stream}/{Secret} could not be read and is replaced", Stream, secret.Name);
            return false;
        }
    }

    private string PurposeOf(string name) => $"{Stream}/{name}";

    private Task DestroyRetiredKeysAsync() => vault.DestroyRetiredAsync(State.RetiredDataKeys, logger);
}
