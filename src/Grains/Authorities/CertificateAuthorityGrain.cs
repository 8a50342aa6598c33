using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.EventSourcing;
using CertificateRequest = OrleansMesh.GrainInterfaces.CertificateRequest;

namespace OrleansMesh.Grains.Authorities;

/// <inheritdoc cref="ICertificateAuthorityGrain"/>
public sealed class CertificateAuthorityGrain(EventSourcedGrainServices services, ISecretVault vault, ILogger<CertificateAuthorityGrain> logger)
    : EventSourcedGrain<AuthorityState, AuthorityEvent>("ca", AuthorityState.Empty, services, logger), ICertificateAuthorityGrain, IDisposable
{
    private BuiltinAuthority? _authority;

    private string SecretPurpose => $"{Stream}/authority-key";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        await DestroyRetiredKeysAsync();
    }

    public async Task<TrustBundle> GetTrustBundle(CertificateAuthorityBackend backend, Caller caller)
    {
        if (State.Authority is null)
            await CreateAuthorityAsync(backend, caller);
        return State.Authority is { } authority
            ? new TrustBundle(authority.CertificatePem, authority.AuthorityId)
            : throw new InvalidOperationException($"the authority {Stream} could not be made");
    }

    public async Task<IssuedCertificate> Issue(CertificateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var authority = _authority ??= await LoadAuthorityAsync();
        using var certificate = authority.Sign(request.SubjectPublicKeyInfo.AsSpan(), request.Uris, request.Lifetime, Time.GetUtcNow());
        return new IssuedCertificate(
            certificate.ExportCertificatePem(),
            certificate.SerialNumber.ToLowerInvariant(),
            authority.Id,
            certificate.NotBefore.ToUniversalTime(),
            certificate.NotAfter.ToUniversalTime());
    }

    public Task<CommandResult> Delete(Caller caller) => DecideAsync(state => AuthorityDecider.Decide(new DeleteAuthority(), state), caller);

    public void Dispose() => _authority?.Dispose();

    protected override AuthorityState Evolve(AuthorityState state, AuthorityEvent happened) => AuthorityDecider.Evolve(state, happened);

    protected override Task OnAppliedAsync(AuthorityState before, IReadOnlyList<AuthorityEvent> events, Caller caller)
    {
        _authority?.Dispose();
        _authority = null;
        return DestroyRetiredKeysAsync();
    }

    private async Task CreateAuthorityAsync(CertificateAuthorityBackend backend, Caller caller)
    {
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
            if ((await DecideAsync(state => AuthorityDecider.Decide(new CreateAuthority(created), state), caller)).Outcome == Outcome.Created)
                logger.LogInformation("Authority {AuthorityId} made for {Stream}, valid until {NotAfter:u}", authority.Id, Stream, authority.NotAfter);
            else
                await vault.DestroyAsync(created.PrivateKey.KeyId);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private async Task<BuiltinAuthority> LoadAuthorityAsync()
    {
        var authority = State.Authority ?? throw new InvalidOperationException($"the authority {Stream} does not exist");
        byte[] secret = [];
        try
        {
            secret = await vault.UnsealAsync(authority.PrivateKey, SecretPurpose);
            return BuiltinAuthority.Load(authority.CertificatePem, secret);
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

    private Task DestroyRetiredKeysAsync() => vault.DestroyRetiredAsync(State.RetiredDataKeys, logger);
}
