using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using OrleansMesh.Domain.Values;
using OrleansMesh.EmbeddedSilo;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains;
using OrleansMesh.Grains.Meshes;
using CertificateRequest = OrleansMesh.GrainInterfaces.CertificateRequest;

namespace OrleansMesh.Micro;

/// <summary>A workload certificate from a builtin authority, through its grain.</summary>
[MemoryDiagnoser]
public class LeafIssue
{
    private static readonly ValueList<string> Uris = ["spiffe://default/web", "kuma://kuma.io/protocol/http", "kuma://kuma.io/service/web"];

    private readonly string _directory = Directory.CreateTempSubdirectory("orleansmesh-micro-").FullName;
    private SqliteEventStore _store = null!;
    private KeyEncryptionKey _key = null!;
    private EmbeddedSiloHost _silo = null!;
    private ICertificateAuthorityGrain _authority = null!;
    private string _signer = "";
    private ValueList<byte> _publicKey = [];

    /// <summary>Waits: in this process BenchmarkDotNet does not await it.</summary>
    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup() => CleanupAsync().GetAwaiter().GetResult();

    private async Task SetupAsync()
    {
        _store = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = _directory });
        _key = await KeyEncryptionKey.OpenAsync(Path.Combine(_directory, "kek"), _store);
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IEventStore>(_store)
            .AddSingleton<ISecretVault>(new SecretVault(_key, _store))
            .AddMeshGrains("micro");
        _silo = EmbeddedSiloHost.Start(services, null, typeof(MeshGrain).Assembly);
        _authority = _silo.GrainFactory.GetGrain<ICertificateAuthorityGrain>($"{Sample.Mesh}/{Sample.Backend.Name}");
        _signer = (await _authority.GetAuthority(Sample.Backend, Caller.System)).Id;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _publicKey = ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo());
    }

    private async Task CleanupAsync()
    {
        await _silo.DisposeAsync();
        await _store.DisposeAsync();
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Signed by the authority; the proxy's key is there.</summary>
    [Benchmark]
    public Task<IssuedCertificate> Issue() => _authority.Issue(new CertificateRequest(_publicKey, Uris, TimeSpan.FromDays(1), _signer));

    /// <summary>What the gateway does for each new proxy: makes its key, and has it signed.</summary>
    [Benchmark]
    public async Task<IssuedCertificate> MakeKeyAndIssue()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return await _authority.Issue(new CertificateRequest(ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()), Uris, TimeSpan.FromDays(1), _signer));
    }
}
