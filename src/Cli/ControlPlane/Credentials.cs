using System.Security.Cryptography.X509Certificates;

namespace OrleansMesh.Cli.ControlPlane;

/// <summary>What proves to the control plane who asks, and to the one who asks that it is the control plane.</summary>
/// <param name="Token">A user token; null: none is sent.</param>
/// <param name="Authorities">PEM certificates that vouch for the control plane; null: those of the system.</param>
/// <param name="Certificate">A client certificate with its key; null: none is shown.</param>
internal sealed record Credentials(string? Token, string? Authorities, X509Certificate2? Certificate)
{
    public override string ToString() => "credentials";
}
