using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Hosting;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Authorities;

/// <summary>
/// Sees to it that every mesh has the authority that its settings ask for, and that changes of authorities go on, stage by stage, as the proxies confirm them.
/// It decides nothing: the mesh does, and several servers may do this at once.
/// </summary>
internal sealed class AuthorityKeeper(
    ResourceIndex index,
    IGrainFactory grains,
    AuthorityHealthBoard board,
    Readiness readiness,
    ServerConfiguration configuration,
    TimeProvider time,
    ILogger<AuthorityKeeper> logger) : BackgroundService
{
    /// <summary>What comes within this time is looked at together.</summary>
    private static readonly TimeSpan Coalescing = TimeSpan.FromMilliseconds(50);

    /// <summary>How often a change that waits for time to pass, or for an authority to be made, is looked at.</summary>
    private static readonly TimeSpan RotationInterval = TimeSpan.FromSeconds(1);

    // The meshes as they were when they were last looked at.
    private readonly Dictionary<string, (Mesh? Mesh, long Epoch)> _seen = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.WhenReady.WaitAsync(stoppingToken);
            var (nextSweep, news) = (time.GetUtcNow(), Task.CompletedTask);
            while (true)
            {
                var state = index.Current;
                var sweep = time.GetUtcNow() >= nextSweep;
                if (sweep)
                    nextSweep = time.GetUtcNow() + configuration.Proxies.ReconcileInterval;
                var next = await KeepAllAsync(state, sweep, stoppingToken);
                if (news.IsCompleted)
                    news = index.WaitForAsync(state.Position + 1, stoppingToken);
                var wait = (next < nextSweep ? next : nextSweep) - time.GetUtcNow();
                await Task.WhenAny(news, Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, stoppingToken));
                await Task.Delay(Coalescing, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <returns>When to look again although nothing has happened: soon while authorities are changed in any mesh, or when the first of them is to be renewed.</returns>
    private async Task<DateTimeOffset> KeepAllAsync(IndexState state, bool sweep, CancellationToken stopping)
    {
        var next = DateTimeOffset.MaxValue;
        foreach (var (name, mesh) in state.Meshes)
        {
            var now = (mesh.State.Mesh, mesh.State.Trust.Epoch);
            var isRotating = mesh.State.Trust.IsRotating;
            var renewal = RenewalOf(mesh);
            var isDue = renewal <= time.GetUtcNow();
            if (isRotating || isDue)
                renewal = time.GetUtcNow() + RotationInterval;
            if (renewal < next)
                next = renewal.Value;
            if (!sweep && !isRotating && !isDue && _seen.TryGetValue(name, out var seen) && ReferenceEquals(seen.Mesh, now.Mesh) && seen.Epoch == now.Epoch)
                continue;
            if (await TryAsync(name, mesh, stopping))
                _seen[name] = now;
        }

        return next;
    }

    /// <summary>When the authority that was made last for the mesh's enabled backend is to have a successor; null where the operator supplies it, or there is none.</summary>
    private static DateTimeOffset? RenewalOf(IndexedMesh mesh)
        => mesh.State.Mesh?.EnabledBackend is { ProvidedConf: null } backend && mesh.Authorities.GetValueOrDefault(backend.Name)?.Newest is { Provided: false } newest
            ? newest.RenewAt(backend.CertificateLifetime)
            : null;

    private async Task<bool> TryAsync(string name, IndexedMesh mesh, CancellationToken stopping)
    {
        try
        {
            foreach (var backend in mesh.State.Mesh?.Mtls?.Backends ?? [])
                await KeepAsync(name, mesh, backend);
            if (mesh.State.Mesh is not null && mesh.State.Trust.IsRotating)
                await AdvanceAsync(name, mesh);
            await RetireAsync(name, mesh);
            return true;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            logger.LogWarning(e, "The authorities of mesh {Mesh} could not be kept up; the next sweep tries again", name);
            return false;
        }
    }

    /// <summary>A provided authority is taken over as soon as it is there, so that its key is its own to destroy; a builtin one is made when it is enabled.</summary>
    private async Task KeepAsync(string name, IndexedMesh mesh, CertificateAuthorityBackend backend)
    {
        var isEnabled = mesh.State.Mesh!.EnabledBackend?.Name == backend.Name;
        if (!isEnabled && backend.ProvidedConf is null)
            return;
        var grain = Authority(name, backend.Name);
        TrustedAuthority? wanted = null;
        try
        {
            wanted = await grain.GetAuthority(backend, Caller.System);
        }
        finally
        {
            board.Saw(name, backend.Name, await grain.GetHealth());
        }

        var trust = mesh.State.Trust;
        if (isEnabled && wanted.Id != trust.HeldBack && wanted.Id != trust.Next && (wanted.Id != trust.Signer || trust.Next is not null))
            await Mesh(name).TrustAuthority(wanted, Caller.System);
    }

    private async Task AdvanceAsync(string name, IndexedMesh mesh)
    {
        var trust = mesh.State.Trust;
        var facts = TrustFactsOf(mesh, time.GetUtcNow());
        var nextCanSign = trust.Find(trust.Next) is not { } next
            || (await Authority(name, next.Backend).GetHealth()).Any(h => h.AuthorityId == next.Id && h.Problem is null);
        await Mesh(name).AdvanceRotation(facts, nextCanSign, Caller.System);
    }

    /// <summary>An authority that nobody trusts and that no backend wants any more is of no use: its key is destroyed.</summary>
    private async Task RetireAsync(string name, IndexedMesh mesh)
    {
        if (mesh.State.Mesh is not { } present)
            return;
        foreach (var (backend, authorities) in mesh.Authorities)
        {
            if (authorities.Newest is null)
            {
                board.Forget(name, backend);
            }
            else if (present.Mtls?.Backends.Any(b => b.Name == backend) is not true)
            {
                await Authority(name, backend).Delete(Caller.System);
                board.Forget(name, backend);
            }
            else
            {
                foreach (var old in authorities.Authorities.SkipLast(1).Where(a => mesh.State.Trust.Find(a.AuthorityId) is null))
                    await Authority(name, backend).Retire(old.AuthorityId, Caller.System);
            }
        }
    }

    /// <summary>How the proxies of a mesh stand to its trust.</summary>
    internal static TrustFacts TrustFactsOf(IndexedMesh mesh, DateTimeOffset now)
        => TrustFacts.Of(mesh.State.Trust, mesh.Proxies.Select(p => KeyValuePair.Create(p.Key, p.Value.State)), now);

    private IMeshGrain Mesh(string name) => grains.GetGrain<IMeshGrain>(name);

    private ICertificateAuthorityGrain Authority(string mesh, string backend) => grains.GetGrain<ICertificateAuthorityGrain>($"{mesh}/{backend}");
}
