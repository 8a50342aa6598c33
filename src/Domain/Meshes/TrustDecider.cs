using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Meshes;

/// <summary>
/// Decides whom a mesh trusts and who signs. Safe in this sense: unless it was forced, or a time limit passed, every connected proxy trusts the authority
/// of every certificate that a connected proxy holds, at every moment.
/// </summary>
internal static class TrustDecider
{
    public const string Confirmed = "confirmed";
    public const string TimeLimit = "timeLimit";
    public const string Forced = "forced";
    public const string Unused = "unused";

    public static Decision<MeshEvent> Decide(TrustAuthority command, MeshState state)
    {
        var (trust, authority) = (state.Trust, command.Authority);
        if (state.Mesh is not { } mesh)
            return Decision.MeshNotFound<MeshEvent>();
        if (mesh.EnabledBackend?.Name != authority.Backend || authority.Id == trust.HeldBack || authority.Id == trust.Next)
            return Decision.Unchanged<MeshEvent>();
        if (authority.Id != trust.Signer)
        {
            DateTimeOffset? deadline = trust.Signer is null ? null : command.Now + command.TimeLimit;
            return Decision.Changed<MeshEvent>(new AuthorityTrusted(authority, command.Now, deadline));
        }

        // The operator enabled again what signs still: what was to sign instead is let go.
        return trust.Next is { } unwanted
            ? Decision.Changed<MeshEvent>(new RotationReversed(authority.Id, unwanted))
            : Decision.Unchanged<MeshEvent>();
    }

    public static Decision<MeshEvent> Decide(AdvanceRotation command, MeshState state)
    {
        var (trust, facts) = (state.Trust, command.Facts);
        if (trust.Paused || facts.Epoch != trust.Epoch)
            return Decision.Unchanged<MeshEvent>();
        if (trust.Next is { } next)
        {
            if (!command.NextCanSign)
                return Decision.Unchanged<MeshEvent>();
            if (facts.Unconfirmed.Count == 0)
                return Decision.Changed<MeshEvent>(new SignerChanged(next, Confirmed, command.Now, []));
            return command.Now >= trust.Deadline
                ? Decision.Changed<MeshEvent>(new SignerChanged(next, TimeLimit, command.Now, facts.Unconfirmed))
                : Decision.Unchanged<MeshEvent>();
        }

        if (command.Now < trust.SignerSince + command.Settling)
            return Decision.Unchanged<MeshEvent>();
        return Changed(trust.Retiring.Where(a => facts.UsersOf(a.Id).Count == 0).Select(a => new AuthorityWithdrawn(a.Id, Unused, [])));
    }

    public static Decision<MeshEvent> Decide(ForceRotation command, MeshState state)
    {
        var (trust, facts) = (state.Trust, command.Facts);
        if (NothingUnderWay(state) is { } refused)
            return refused;
        if (facts.Epoch != trust.Epoch)
            return Decision.Refused<MeshEvent>(new FieldProblem("rotation", "has just gone on to another stage: look at it again before forcing it"));
        return trust.Next is { } next
            ? Decision.Changed<MeshEvent>(new SignerChanged(next, Forced, command.Now, facts.Unconfirmed))
            : Changed(trust.Retiring.Select(a => new AuthorityWithdrawn(a.Id, Forced, facts.UsersOf(a.Id))));
    }

    public static Decision<MeshEvent> Decide(ReverseRotation command, MeshState state)
    {
        var trust = state.Trust;
        if (NothingUnderWay(state) is { } refused)
            return refused;
        if (trust.Next is { } unwanted)
            return Reverse(state, new RotationReversed(trust.Signer!, unwanted));
        return trust.Find(trust.Previous) is { } previous
            ? Reverse(state, new RotationReversed(previous.Id, trust.Signer!, command.Now + command.TimeLimit))
            : Decision.Refused<MeshEvent>(new FieldProblem("rotation", "cannot be reversed: the authority that signed before is not trusted any more"));
    }

    public static Decision<MeshEvent> Pause(MeshState state)
        => state.Mesh is null ? Decision.MeshNotFound<MeshEvent>()
            : state.Trust.Paused ? Decision.Unchanged<MeshEvent>()
            : Decision.Changed<MeshEvent>(new RotationPaused());

    public static Decision<MeshEvent> Resume(MeshState state)
        => state.Mesh is null ? Decision.MeshNotFound<MeshEvent>()
            : state.Trust is { Paused: false, HeldBack: null } ? Decision.Unchanged<MeshEvent>()
            : Decision.Changed<MeshEvent>(new RotationResumed());

    /// <returns>Null: the event does not concern the trust.</returns>
    public static MeshTrust? Evolve(MeshTrust trust, MeshEvent happened) => happened switch
    {
        AuthorityTrusted { Authority: var authority } e when trust.Signer is null => WithOthers(trust) with
        {
            Authorities = trust.Authorities.With(a => a.Id, authority),
            Signer = authority.Id,
            SignerSince = e.At,
        },
        AuthorityTrusted { Authority: var authority } e => WithOthers(trust) with
        {
            Authorities = trust.Authorities.With(a => a.Id, authority),
            Next = authority.Id,
            Deadline = e.Deadline ?? e.At,
            HeldBack = null,
        },
        SignerChanged e => Next(trust) with { Previous = trust.Signer, Signer = e.AuthorityId, SignerSince = e.At, Next = null },
        AuthorityWithdrawn { AuthorityId: var gone } => WithOthers(trust) with
        {
            Authorities = trust.Authorities.Without(a => a.Id, gone),
            Previous = trust.Previous == gone ? null : trust.Previous,
        },
        RotationReversed e => Next(trust) with
        {
            Next = e.AuthorityId == trust.Signer ? null : e.AuthorityId,
            Deadline = e.Deadline ?? trust.Deadline,
            HeldBack = e.HeldBack,
        },
        RotationPaused => Next(trust) with { Paused = true },
        RotationResumed => Next(trust) with { Paused = false, HeldBack = null },
        _ => null,
    };

    private static MeshTrust Next(MeshTrust trust) => trust with { Epoch = trust.Epoch + 1 };

    private static MeshTrust WithOthers(MeshTrust trust) => Next(trust) with { BundleEpoch = trust.Epoch + 1 };

    private static Decision<MeshEvent>? NothingUnderWay(MeshState state)
        => state.Mesh is null ? Decision.MeshNotFound<MeshEvent>()
            : state.Trust.Stage is RotationStage.None ? Decision.Refused<MeshEvent>(new FieldProblem("rotation", "expected a rotation under way: there is none"))
            : null;

    /// <summary>The mesh is to say again what holds again, or else the next look at it would start the rotation anew.</summary>
    private static Decision<MeshEvent> Reverse(MeshState state, RotationReversed reversed)
    {
        var backend = state.Trust.Find(reversed.AuthorityId)!.Backend;
        var mesh = state.Mesh!;
        return mesh.Mtls is { } mtls && mtls.EnabledBackend != backend
            ? Decision.Changed<MeshEvent>(new MeshChanged(mesh with { Mtls = mtls with { EnabledBackend = backend } }), reversed)
            : Decision.Changed<MeshEvent>(reversed);
    }

    private static Decision<MeshEvent> Changed(IEnumerable<MeshEvent> events)
        => events.ToArray() is { Length: > 0 } some ? Decision.Changed<MeshEvent>(some) : Decision.Unchanged<MeshEvent>();
}
