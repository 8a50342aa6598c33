using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using CertificateRequest = OrleansMesh.GrainInterfaces.CertificateRequest;

namespace OrleansMesh.Grains.Proxies;

/// <summary>The proxy's certificates, and what is known where no authority signs one.</summary>
public sealed partial class ProxyGrain
{
    public async Task<RecordedCertificate> IssueCertificate(string session, ValueList<byte> subjectPublicKeyInfo)
    {
        if (_live is not { } live || live.Session != session)
            throw new InvalidOperationException($"session {session} of proxy {_id} is not the present one");
        if (live.View?.Identity is not { } identity)
            throw new InvalidOperationException($"the mesh {_id.Mesh} has no mutual TLS");
        var issued = await SignAsync(session, identity, subjectPublicKeyInfo);
        var record = new CertificateRecord(
            issued.Serial, identity.Backend, issued.AuthorityId, identity.Uris, issued.NotBefore, issued.NotAfter, Time.GetUtcNow(), RsaBitsOf(subjectPublicKeyInfo));
        if ((await DecideAsync(new RecordCertificate(session, record), OnBehalfOfProxy)).Outcome != Outcome.Changed)
            throw new InvalidOperationException($"session {session} of proxy {_id} is no longer the present one");
        logger.LogInformation("Certificate {Serial} issued to proxy {Proxy}, valid until {NotAfter:u}", issued.Serial, _id, issued.NotAfter);
        return new RecordedCertificate(issued.ChainPem, record);
    }

    private async Task<IssuedCertificate> SignAsync(string session, IdentityView identity, ValueList<byte> subjectPublicKeyInfo)
    {
        try
        {
            if (identity.Authority.Length == 0)
                throw new InvalidOperationException($"the mesh {_id.Mesh} has no authority yet");
            var request = new CertificateRequest(subjectPublicKeyInfo, identity.Uris, identity.CertificateLifetime, identity.Authority);
            return await Authority(identity.Backend).Issue(request).WaitAsync(Options.AuthorityTimeout, Time);
        }
        catch (Exception e)
        {
            await RecordFailureAsync(session, new CertificateFailure(identity.Backend, e.Message));
            throw e is InvalidOperationException ? e : new InvalidOperationException($"the authority {identity.Backend} of mesh {_id.Mesh} cannot sign", e);
        }
    }

    /// <summary>Once until it signs again, so that an authority that fails for long does not fill the log.</summary>
    private async Task RecordFailureAsync(string session, CertificateFailure failure)
    {
        try
        {
            await DecideAsync(new RecordCertificateFailure(session, failure), OnBehalfOfProxy);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "It could not be recorded that authority {Backend} signs nothing for proxy {Proxy}", failure.Backend, _id);
        }
    }

    private static int? RsaBitsOf(ValueList<byte> subjectPublicKeyInfo)
    {
        using var rsa = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo.AsSpan(), out _).GetRSAPublicKey();
        return rsa?.KeySize;
    }
}
