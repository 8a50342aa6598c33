namespace OrleansMesh.Domain.Views;

/// <summary>Whom the proxies of a mesh trust, and who signs their certificates.</summary>
/// <param name="Backend">The backend of the authority that signs now.</param>
/// <param name="Authority">That authority's identity.</param>
/// <param name="Bundle">The roots to trust, PEM.</param>
/// <param name="ConfirmBundle">Names the bundle while authorities are being changed: then it matters what each proxy holds. Null: nobody asks.</param>
public sealed record TrustView(string Backend, string Authority, string Bundle, string? ConfirmBundle);
