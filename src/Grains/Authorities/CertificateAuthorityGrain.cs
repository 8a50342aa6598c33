using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.EventSourcing;
using CertificateRequest = OrleansMesh.GrainInterfaces.CertificateRequest;

namespace OrleansMesh.Grains.Authorities;

/// <inheritdoc cref="ICertificateAuthorityGrain"/>
public sealed class CertificateAuthorityGrain(EventSourcedGrainServices services, ISecretVault vault, ILogger<CertificateAuthorityGrain> logger)
    : EventSourcedGrain<AuthorityState, AuthorityEvent>("ca", AuthorityState.Empty, services, logger), ICertificateAuthorityGrain, IDisposable
{
    // By identity; loaded when they first sign.
    private readonly Dictionary<string, BuiltinAuthority> _loaded = new(StringComparer.Ordinal);

    private string SecretPurpose => AuthorityKeyPurpose.Of(this.GetPrimaryKeyString());

    private string Backend => this.GetPrimaryKeyString().Split('/')[1];

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        await DestroyRetiredKeysAsync();
    }

    public async Task<TrustedAuthority> GetAuthority(CertificateAuthorityBackend backend, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(backend);
        if (State.Newest?.IsWhat(backend, Time.GetUtcNow()) is not true)
            await AddAuthorityAsync(backend, caller);
        return State.Newest is { } authority
            ? authority.AsTrusted(Backend)
            : throw new InvalidOperationException($"the authority {Stream} could not be made");
    }

    public async Task<IssuedCertificate> Issue(CertificateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var made = State.Find(request.AuthorityId) ?? throw new InvalidOperationException($"the authority {request.AuthorityId} ({Stream}) does not exist");
        if (!_loaded.TryGetValue(made.AuthorityId, out var authority))
            _loaded.Add(made.AuthorityId, authority = await LoadAsync(made));
        using var certificate = authority.Sign(request.SubjectPublicKeyInfo.AsSpan(), request.Uris, request.Lifetime, Time.GetUtcNow());
        return new IssuedCertificate(
            Chain(certificate.ExportCertificatePem(), made),
            certificate.SerialNumber.ToLowerInvariant(),
            made.AuthorityId,
            certificate.NotBefore.ToUniversalTime(),
            certificate.NotAfter.ToUniversalTime());
    }

    public async Task<ValueList<AuthorityHealth>> GetHealth()
    {
        List<AuthorityHealth> health = [];
        foreach (var authority in State.Authorities)
            health.Add(new AuthorityHealth(authority.AuthorityId, authority.NotAfter, await ProblemOfAsync(authority)));
        return health.ToValueList();
    }

    public Task<CommandResult> Retire(string authorityId, Caller caller) => DecideAsync(new RetireAuthority(authorityId), caller);

    public Task<CommandResult> Delete(Caller caller) => DecideAsync(new DeleteAuthority(), caller);

    public void Dispose() => Unload();

    protected override AuthorityState Evolve(AuthorityState state, AuthorityEvent happened) => AuthorityDecider.Evolve(state, happened);

    protected override Task OnAppliedAsync(AuthorityState before, IReadOnlyList<AuthorityEvent> events, Caller caller)
    {
        Unload();
        return DestroyRetiredKeysAsync();
    }

    private Task<CommandResult> DecideAsync(AuthorityCommand command, Caller caller) => DecideAsync(state => AuthorityDecider.Decide(command, state), caller);

    private async Task AddAuthorityAsync(CertificateAuthorityBackend backend, Caller caller)
    {
        var replaces = State.Newest?.AuthorityId;
        if (backend.ProvidedConf is { } provided)
        {
            var taken = ProvidedAuthority.Of(provided) ?? throw new InvalidOperationException($"the authority {Stream} was not given a certificate and a key");
            if ((await DecideAsync(new CreateAuthority(taken, replaces), caller)).Outcome == Outcome.Created)
                logger.LogInformation("Authority {AuthorityId} taken over for {Stream}, valid until {NotAfter:u}", taken.AuthorityId, Stream, taken.NotAfter);
            return;
        }

        var mesh = this.GetPrimaryKeyString().Split('/')[0];
        var now = Time.GetUtcNow();

        // Making an RSA key takes a while, so it is not done on the grain's own turn.
        using var authority = await Task.Run(() => BuiltinAuthority.Create(mesh, backend, now));
        var secret = authority.ExportPrivateKey();
        try
        {
            var created = new AuthorityCreated(
                authority.CertificatePem,
                authority.Id,
                await vault.SealForEventAsync(secret, SecretPurpose),
                authority.NotBefore,
                authority.NotAfter,
                backend.Conf);
            if ((await DecideAsync(new CreateAuthority(created, replaces), caller)).Outcome == Outcome.Created)
                logger.LogInformation("Authority {AuthorityId} made for {Stream}, valid until {NotAfter:u}", authority.Id, Stream, authority.NotAfter);
            else
                await vault.DestroyAsync(created.PrivateKey.KeyId);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private async Task<BuiltinAuthority> LoadAsync(AuthorityCreated authority)
    {
        byte[] secret = [];
        try
        {
            secret = await vault.UnsealAsync(authority.PrivateKey, SecretPurpose);
            return BuiltinAuthority.Load(authority, secret);
        }
        catch (Exception e) when (e is SecretUnavailableException or CryptographicException)
        {
            throw new InvalidOperationException($"the key of the authority {authority.AuthorityId} ({Stream}) cannot be had", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    // Its key is read anew: one that is in memory signs until the server ends, and not after.
    private async Task<string?> ProblemOfAsync(AuthorityCreated authority)
    {
        if (Time.GetUtcNow() >= authority.NotAfter)
            return "it has expired";
        try
        {
            using var loaded = await LoadAsync(authority);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e.InnerException is { } inner ? $"its key cannot be had: {inner.Message}" : e.Message;
        }
    }

    private static string Chain(string certificatePem, AuthorityCreated authority) => authority.RootPem is null
        ? certificatePem
        : $"{certificatePem.TrimEnd()}\n{authority.CertificatePem.TrimEnd()}\n{authority.IntermediatesPem}";

    private void Unload()
    {
        foreach (var authority in _loaded.Values)
            authority.Dispose();
        _loaded.Clear();
    }

    private Task DestroyRetiredKeysAsync() => vault.DestroyRetiredAsync(State.RetiredDataKeys, logger);
}
