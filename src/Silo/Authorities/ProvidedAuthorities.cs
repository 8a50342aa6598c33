using System.Security.Cryptography;
using System.Text;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.Authorities;
using SealedSecret = OrleansMesh.Domain.Events.SealedSecret;

namespace OrleansMesh.Silo.Authorities;

/// <summary>
/// Takes in the authorities that a mesh is given: reads their certificates and keys from where the mesh says, checks them, and seals the keys. What goes on
/// from here holds no key that could be read.
/// </summary>
internal sealed class ProvidedAuthorities(ISecretVault vault, ProvidedFiles files, IGrainFactory grains, TimeProvider time)
{
    /// <param name="before">The mesh as it is stored, if it is: an authority whose certificate is the same keeps its sealed key.</param>
    public async Task<TakenMesh> TakeInAsync(Mesh mesh, Mesh? before)
    {
        if (mesh.Mtls is not { } mtls || mtls.Backends.All(b => b.ProvidedConf is null))
            return new TakenMesh(mesh, [], []);
        List<FieldProblem> problems = [];
        List<string> sealedNow = [];
        List<CertificateAuthorityBackend> backends = [];
        foreach (var (place, backend) in mtls.Backends.Index())
        {
            var taken = backend.ProvidedConf is { } conf
                ? await TakeInAsync(mesh.Name, backend, conf, StoredConf(before, backend.Name), $"mtls.backends[{place}].conf", problems, sealedNow)
                : null;
            backends.Add(backend with { ProvidedConf = taken });
        }

        var result = new TakenMesh(mesh with { Mtls = mtls with { Backends = backends.ToValueList() } }, sealedNow, problems.ToValueList());
        if (problems.Count > 0)
            await DiscardAsync(result);
        return result;
    }

    /// <summary>The mesh was not stored: the keys that were sealed for it are of no use.</summary>
    public async Task DiscardAsync(TakenMesh taken)
    {
        foreach (var key in taken.SealedKeys)
            await vault.DestroyAsync(key);
    }

    private async Task<ProvidedAuthorityConf?> TakeInAsync(
        string mesh,
        CertificateAuthorityBackend backend,
        ProvidedAuthorityConf conf,
        ProvidedAuthorityConf? stored,
        string path,
        List<FieldProblem> problems,
        List<string> sealedNow)
    {
        var known = problems.Count;
        var certificates = await ValueAsync(mesh, conf.Cert, $"{path}.cert", problems);
        var key = conf.Key.IsRedacted() ? null : await ValueAsync(mesh, conf.Key, $"{path}.key", problems);
        if (certificates is null || problems.Count > known)
            return null;
        var reading = ProvidedAuthorityCheck.Read(certificates, key, time.GetUtcNow());
        problems.AddRange(reading.Problems.Select(p => p with { Field = $"{path}.{p.Field}" }));
        if (reading.Problems.Count > 0)
            return null;

        var sealedKey = stored?.CertificatesPem == reading.CertificatesPem ? stored.SealedKey : null;
        if (sealedKey is null && key is null)
        {
            problems.Add(new(
                $"{path}.key",
                $"expected the private key: '{ValueSource.Redacted}' stands for the key of the certificate that is stored, and this certificate is not the one"));
            return null;
        }

        if (sealedKey is null)
            sealedNow.Add((sealedKey = await SealAsync(reading.PrivateKey, AuthorityKeyPurpose.Of($"{mesh}/{backend.Name}"))).KeyId);
        if (System.Runtime.InteropServices.MemoryMarshal.TryGetArray(reading.PrivateKey, out var secret))
            CryptographicOperations.ZeroMemory(secret);
        return conf with { Key = conf.Key.WithoutValue, CertificatesPem = reading.CertificatesPem, SealedKey = sealedKey };
    }

    private async Task<SealedSecret> SealAsync(ReadOnlyMemory<byte> key, string purpose)
    {
        var it = await vault.SealAsync(key, purpose);
        return new(it.KeyId, it.Nonce, it.Ciphertext, it.Tag);
    }

    private async Task<string?> ValueAsync(string mesh, ValueSource source, string path, List<FieldProblem> problems)
    {
        if (source.InlineString is { } text)
            return text;
        if (source.Inline is { } base64)
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        if (source.Secret is { } secret)
        {
            if (await grains.GetGrain<ISecretsGrain>(SecretsKeys.OfMesh(mesh)).Read(secret) is { } data)
                return Encoding.UTF8.GetString(data.Bytes);
            problems.Add(new($"{path}.secret", $"expected the name of a Secret in mesh '{mesh}': there is no '{secret}'"));
            return null;
        }

        var (content, problem) = files.Read(source.File!);
        if (problem is not null)
            problems.Add(new($"{path}.file", problem));
        return content;
    }

    private static ProvidedAuthorityConf? StoredConf(Mesh? before, string backend)
        => before?.Mtls?.Backends.FirstOrDefault(b => b.Name == backend)?.ProvidedConf;
}

/// <summary>A mesh whose authorities were taken in, or why they could not be.</summary>
/// <param name="SealedKeys">The data keys that were made for it.</param>
internal sealed record TakenMesh(Mesh Mesh, IReadOnlyList<string> SealedKeys, ValueList<FieldProblem> Problems);
