using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.GrainInterfaces;

/// <summary>The secrets of a mesh, or the global ones. Keys: <see cref="SecretsKeys"/>. Stream: <c>secrets/{key}</c>.</summary>
public interface ISecretsGrain : IGrainWithStringKey
{
    /// <summary>Makes the secret or changes it; what it was before cannot be read any more. It has been validated.</summary>
    Task<CommandResult> Apply(SecretResource secret, Caller caller);

    /// <summary>Deletes the secret and destroys its data key.</summary>
    Task<CommandResult> Delete(string name, Caller caller);

    /// <summary>Deletes all of them: their mesh is gone.</summary>
    Task<CommandResult> DeleteAll(Caller caller);

    /// <summary>The data of one secret; null when there is none of that name. Whoever asks has made sure that they may be told.</summary>
    /// <remarks>It takes its turn, so that it is answered after what the log of another silo brought, which the caller may know of already.</remarks>
    /// <exception cref="InvalidOperationException">It is there and cannot be unsealed.</exception>
    Task<SecretData?> Read(string name);
}

/// <summary>The keys of <see cref="ISecretsGrain"/>.</summary>
public static class SecretsKeys
{
    /// <summary>The global secrets.</summary>
    public const string Global = "global";

    /// <summary>The secrets of a mesh.</summary>
    public static string OfMesh(string mesh) => $"mesh/{mesh}";

    /// <param name="mesh">Null: the global ones.</param>
    public static string Of(string? mesh) => mesh is null ? Global : OfMesh(mesh);
}
