using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.GrainInterfaces;

/// <summary>A mesh and its policies and token keys. Key: the mesh's name. Stream: <c>mesh/{mesh}</c>.</summary>
public interface IMeshGrain : IGrainWithStringKey
{
    /// <summary>Makes the mesh or changes it. The mesh has been validated.</summary>
    Task<CommandResult> ApplyMesh(Mesh mesh, Caller caller);

    /// <summary>Deletes the mesh with its policies and token keys.</summary>
    Task<CommandResult> DeleteMesh(Caller caller);

    /// <summary>Makes a permission or changes it. The permission has been validated.</summary>
    Task<CommandResult> ApplyTrafficPermission(TrafficPermission permission, Caller caller);

    Task<CommandResult> DeleteTrafficPermission(string name, Caller caller);

    /// <summary>The enabled backend's newest authority is this one: it is to be trusted by everyone, and then to sign.</summary>
    Task<CommandResult> TrustAuthority(TrustedAuthority authority, Caller caller);

    /// <summary>Begins the next stage of a change of authorities, if it is time.</summary>
    /// <param name="facts">How the proxies stand to the present trust; facts about an earlier trust change nothing.</param>
    /// <param name="nextCanSign">Whether the key of the authority that is to sign can be had.</param>
    Task<CommandResult> AdvanceRotation(TrustFacts facts, bool nextCanSign, Caller caller);

    /// <summary>Does what the operator wants of a change of authorities.</summary>
    Task<CommandResult> ControlRotation(RotationControl control, TrustFacts facts, Caller caller);

    /// <summary>Makes a quarantine or changes it. It has been validated. The proxy's own grain is told, see <see cref="IProxyGrain.FollowQuarantine"/>.</summary>
    Task<CommandResult> ApplyProxyQuarantine(ProxyQuarantine quarantine, Caller caller);

    Task<CommandResult> DeleteProxyQuarantine(string name, Caller caller);

    /// <summary>A quarantine that shuts this proxy out; null when none does.</summary>
    [AlwaysInterleave]
    Task<ProxyQuarantine?> FindQuarantine(string proxy);

    /// <summary>Signs a dataplane token with the mesh's own key, which is made at the first call.</summary>
    /// <returns>The token as a JWT; null when the mesh does not exist.</returns>
    Task<string?> IssueDataplaneToken(DataplaneTokenRequest request, Caller caller);

    /// <summary>Adds a key, which signs dataplane tokens from now on: one that is made here, or an imported one.</summary>
    Task<CommandResult> AddTokenSigningKey(ImportedSigningKey? imported, Caller caller);

    /// <summary>Removes a key, revokes dataplane tokens, or takes revocations back.</summary>
    Task<CommandResult> ChangeTokens(KeyringCommand command, Caller caller);

    /// <summary>Which of the mesh's dataplane tokens are good.</summary>
    [AlwaysInterleave]
    Task<TokenRules> GetTokenRules();

    /// <summary>The same; and from now on the observer is told whenever it changes.</summary>
    Task<TokenRules> ObserveTokens(ITokenObserver observer);

    Task UnobserveTokens(ITokenObserver observer);

    /// <summary>What the mesh means for inbounds with these tags, now; and from now on <paramref name="observer"/> is told whenever that changes.
    /// Called again, it replaces the observer's earlier interest. Null when the mesh does not exist: then nothing is observed.</summary>
    Task<MeshSlice?> Observe(IMeshObserver observer, ValueList<TagSet> inbounds);

    Task Unobserve(IMeshObserver observer);
}

/// <summary>What an operator may want of a change of authorities.</summary>
[GenerateSerializer, Alias("orleansmesh.rotation-control")]
public enum RotationControl
{
    /// <summary>No further stage begins.</summary>
    Pause,

    /// <summary>It goes on.</summary>
    Resume,

    /// <summary>The authority that signed before signs again.</summary>
    Reverse,

    /// <summary>The next stage begins now, whoever is not ready.</summary>
    Force,
}

/// <summary>Is told what a mesh means for some inbounds.</summary>
public interface IMeshObserver : IGrainObserver
{
    /// <summary>The mesh changed what it means for the observed inbounds.</summary>
    /// <param name="slice">Null: the mesh was deleted.</param>
    [OneWay]
    Task MeshChanged(MeshSlice? slice);
}

/// <summary>What a mesh means for the inbounds of one proxy.</summary>
/// <param name="Version">Grows with the mesh's stream: of two slices the one with the greater version is newer.</param>
/// <param name="Backend">The backend whose authority signs, or, before there is one, the enabled backend; null: no mutual TLS.</param>
/// <param name="Inbounds">The observed tag sets.</param>
/// <param name="Permissions">For each of them, in the same order, the permission that governs; null: nobody may call.</param>
/// <param name="Quarantined">The proxies that are shut out of the mesh, in ordinal order.</param>
/// <param name="Trust">Whom to trust and who signs; null: there is no authority yet, or no mutual TLS.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.mesh-slice")]
public sealed record MeshSlice(
    [property: Id(0)] long Version,
    [property: Id(1)] CertificateAuthorityBackend? Backend,
    [property: Id(2)] ValueList<TagSet> Inbounds,
    [property: Id(3)] ValueList<GoverningPermission?> Permissions,
    [property: Id(4)] ValueList<string> Quarantined,
    [property: Id(5)] TrustView? Trust = null)
{
    /// <summary>The permission that governs inbounds with these tags; null: nobody may call, and so too where the tags are not observed.</summary>
    public GoverningPermission? PermissionFor(TagSet inbound) => Inbounds.Zip(Permissions).FirstOrDefault(i => i.First.Equals(inbound)).Second;
}

/// <summary>What a dataplane token is to say. Source of the claims: Kuma's dataplane tokens.</summary>
/// <param name="Name">The proxy that it is for; empty: any of the mesh.</param>
/// <param name="Tags">For each tag the values that the proxy's inbounds may have; a tag that is not named is not restricted.</param>
/// <param name="Type">The kind of proxy, <c>dataplane</c>; empty means the same.</param>
/// <param name="ValidFor">From now on.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.dataplane-token-request")]
public sealed record DataplaneTokenRequest(
    [property: Id(0)] string Name,
    [property: Id(1)] ValueList<TokenTag> Tags,
    [property: Id(2)] string Type,
    [property: Id(3)] TimeSpan ValidFor);

/// <summary>A tag and the values that a token allows for it.</summary>
[GenerateSerializer, Immutable, Alias("orleansmesh.token-tag")]
public sealed record TokenTag([property: Id(0)] string Tag, [property: Id(1)] ValueList<string> Values);
