using Orleans;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tests.Hosting;

/// <summary>A mesh with one token key, when it is the mesh <c>default</c>.</summary>
internal sealed class FakeMeshGrain(World world) : Grain, IMeshGrain
{
    public Task<TokenRules> GetTokenRules()
    {
        world.MeshesAsked++;
        return world.MeshFailure is { } failure ? throw failure : Task.FromResult(this.GetPrimaryKeyString() == "default" ? world.Tokens : World.NoTokens);
    }

    public Task<TokenRules> ObserveTokens(ITokenObserver observer)
    {
        world.TokenObservers.TryAdd(observer, true);
        return Task.FromResult(world.Tokens);
    }

    public Task UnobserveTokens(ITokenObserver observer)
    {
        world.TokenObservers.TryRemove(observer, out _);
        return Task.CompletedTask;
    }

    public Task<CommandResult> AddTokenSigningKey(ImportedSigningKey? imported, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> ChangeTokens(KeyringCommand command, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> ApplyMesh(Mesh mesh, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> DeleteMesh(Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> ApplyTrafficPermission(TrafficPermission permission, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> DeleteTrafficPermission(string name, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> TrustAuthority(TrustedAuthority authority, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> AdvanceRotation(TrustFacts facts, bool nextCanSign, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> ControlRotation(RotationControl control, TrustFacts facts, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> ApplyProxyQuarantine(ProxyQuarantine quarantine, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> DeleteProxyQuarantine(string name, Caller caller) => throw new NotSupportedException();

    public Task<ProxyQuarantine?> FindQuarantine(string proxy)
        => Task.FromResult(world.Quarantined.Contains(proxy) ? new ProxyQuarantine(this.GetPrimaryKeyString(), "stolen", proxy) : null);

    public Task<string?> IssueDataplaneToken(DataplaneTokenRequest request, Caller caller) => throw new NotSupportedException();

    public Task<MeshSlice?> Observe(IMeshObserver observer, ValueList<TagSet> inbounds) => throw new NotSupportedException();

    public Task Unobserve(IMeshObserver observer) => throw new NotSupportedException();
}

/// <summary>A proxy that answers as the world says, and notes what it is asked.</summary>
internal sealed class FakeProxyGrain(World world, TimeProvider time) : Grain, IProxyGrain
{
    private WorldProxy Proxy => world.ProxyOf(this.GetPrimaryKeyString());

    public Task<Dataplane?> GetDataplane() => Task.FromResult(Proxy.Stored);

    public async Task<ConnectResult> Connect(ProxyConnection connection, IProxySessionObserver observer, Caller caller)
    {
        Proxy.Calls.Enqueue("connect");
        if (Proxy.ConnectFailure is { } failure)
            throw failure;
        if (Proxy.View is not { } view)
            return new ConnectResult("the test refuses", null, null);
        if (Proxy.Observer is { } older)
            await older.SessionEnded("superseded");
        (Proxy.Observer, Proxy.Session) = (observer, connection.Session);
        await Proxy.BeforeConnected(observer);
        return new ConnectResult(null, view, Proxy.Certificate);
    }

    public Task Disconnect(string session)
    {
        Proxy.Calls.Enqueue("disconnect");
        if (Proxy.DisconnectFailures-- > 0)
            throw new InvalidOperationException("the test has the store fail");
        if (Proxy.Session == session)
            (Proxy.Observer, Proxy.Session) = (null, null);
        return Task.CompletedTask;
    }

    public Task<long> Leave(Caller caller)
    {
        Proxy.Calls.Enqueue($"leave {caller.Actor}");
        return Task.FromResult(42L);
    }

    public Task FollowQuarantine(Caller caller) => throw new NotSupportedException();

    public async Task<RecordedCertificate> IssueCertificate(string session, ValueList<byte> subjectPublicKeyInfo)
    {
        Proxy.Calls.Enqueue("issue");
        var number = Proxy.NextSerial();
        var identity = Proxy.View!.Identity ?? throw new InvalidOperationException("no mutual TLS");
        await Proxy.BeforeSigning(number);
        Proxy.SignedKey = System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo.AsSpan(), out _);
        var now = time.GetUtcNow();
        var (serial, authority) = ($"serial-{number}", Proxy.AuthorityId);
        Proxy.Certificate = new CertificateRecord(
            serial, identity.Backend, authority, identity.Uris, now.AddMinutes(-1), now + identity.CertificateLifetime, now, identity.RsaBits);
        return new RecordedCertificate("the chain", Proxy.Certificate);
    }

    public Task ReportListening(string session)
    {
        Proxy.Calls.Enqueue("listening");
        return Proxy.ListeningFailures-- > 0 ? throw new InvalidOperationException("the test has the store fail") : Task.CompletedTask;
    }

    public Task ReportRejected(string session, ConfigurationRejection rejection)
    {
        Proxy.Calls.Enqueue($"rejected {rejection.TypeUrl} {rejection.Resources}: {rejection.Message}");
        return Task.CompletedTask;
    }

    public Task ReportAccepted(string session, string typeUrl)
    {
        Proxy.Calls.Enqueue($"accepted {typeUrl}");
        return Task.CompletedTask;
    }

    public Task ReportHeld(string session, HeldSecrets held)
    {
        Proxy.Calls.Enqueue($"held {held.Bundle} {held.Authority}");
        return Proxy.HeldFailures-- > 0 ? throw new InvalidOperationException("the test has the store fail") : Task.CompletedTask;
    }

    /// <summary>Returns when all that was asked before was answered.</summary>
    public Task<bool> Serves(string session) => Task.FromResult(true);

    public Task Reconcile(ValueList<ServiceProtocol>? spoken) => Task.CompletedTask;

    public Task<CommandResult> ApplyDataplane(Dataplane dataplane, Caller caller) => throw new NotSupportedException();

    public Task<CommandResult> DeleteDataplane(Caller caller) => throw new NotSupportedException();
}

/// <summary>A service with the world's endpoints.</summary>
internal sealed class FakeServiceGrain(World world) : Grain, IServiceGrain
{
    private WorldService Service => world.ServiceOf(this.GetPrimaryKeyString());

    public Task<ServiceEndpoints> ObserveEndpoints(IServiceEndpointsObserver observer) => Task.FromResult(Service.Observe(observer));

    public Task UnobserveEndpoints(IServiceEndpointsObserver observer)
    {
        Service.Unobserve(observer);
        return Task.CompletedTask;
    }

    public Task<long> SetEndpoints(string proxy, ValueList<Domain.Services.Endpoint> endpoints, Caller caller) => throw new NotSupportedException();

    public Task<Protocol> ObserveProtocol(IServiceProtocolObserver observer) => throw new NotSupportedException();

    public Task UnobserveProtocol(IServiceProtocolObserver observer) => throw new NotSupportedException();
}
