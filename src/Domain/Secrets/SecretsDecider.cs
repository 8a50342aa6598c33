using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Secrets;

/// <summary>What can be asked of the secrets of a mesh, or of the global ones.</summary>
public abstract record SecretCommand;

/// <summary>Keeps a secret that was just sealed. Whether it is another one than before, only the one who sealed it can say.</summary>
public sealed record StoreSecret(StoredSecret Secret) : SecretCommand;

public sealed record DeleteSecret(string Name) : SecretCommand;

/// <summary>Deletes all: the mesh is gone.</summary>
public sealed record DeleteAllSecrets : SecretCommand;

/// <summary>Decides what becomes of secrets.</summary>
public static class SecretsDecider
{
    public static Decision<SecretEvent> Decide(SecretCommand command, SecretsState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return command switch
        {
            StoreSecret { Secret: var (name, data, labels) } => state.Find(name) is null
                ? Decision.Created<SecretEvent>(new SecretCreated(name, data, labels))
                : Decision.Changed<SecretEvent>(new SecretChanged(name, data, labels)),
            DeleteSecret { Name: var name } => state.Find(name) is null
                ? Decision.NotFound<SecretEvent>()
                : Decision.Deleted<SecretEvent>(new SecretDeleted(name)),
            DeleteAllSecrets => state.Secrets.Count == 0
                ? Decision.Unchanged<SecretEvent>()
                : Decision.Deleted<SecretEvent>([.. state.Secrets.Select(s => new SecretDeleted(s.Name))]),
            _ => throw new ArgumentException($"{command} is not known", nameof(command)),
        };
    }

    /// <exception cref="ArgumentException">The event is not one of a secret's.</exception>
    public static SecretsState Evolve(SecretsState state, SecretEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        return happened switch
        {
            SecretCreated e => With(state, new StoredSecret(e.Name, e.Data, e.Labels)),
            SecretChanged e => With(state, new StoredSecret(e.Name, e.Data, e.Labels)),
            SecretDeleted e => Retire(state, e.Name) with { Secrets = state.Secrets.Without(s => s.Name, e.Name) },
            _ => throw new ArgumentException($"{happened} is not known", nameof(happened)),
        };
    }

    private static SecretsState With(SecretsState state, StoredSecret secret)
        => Retire(state, secret.Name) with { Secrets = state.Secrets.With(s => s.Name, secret) };

    private static SecretsState Retire(SecretsState state, string name)
        => state.Find(name) is { } old ? state with { RetiredDataKeys = [.. state.RetiredDataKeys, old.Data.KeyId] } : state;
}
