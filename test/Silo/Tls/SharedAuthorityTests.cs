using System.Security.Cryptography.X509Certificates;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.Silo.Files;
using OrleansMesh.Silo.Index;
using OrleansMesh.Silo.Tls;

namespace OrleansMesh.Silo.Tests.Tls;

public sealed class SharedAuthorityTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansmesh-test").FullName;
    private SqliteEventStore _store = null!;
    private KeyEncryptionKey _key = null!;

    public async Task InitializeAsync()
    {
        _store = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = _folder });
        _key = await KeyEncryptionKey.OpenAsync(Path.Combine(_folder, "kek"), _store);
    }

    public async Task DisposeAsync()
    {
        _key.Dispose();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Servers_that_start_at_once_have_one_authority_and_whoever_trusts_it_trusts_each()
    {
        var authorities = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync()));

        var authority = Assert.Single(authorities.Select(a => a.Thumbprint).Distinct());
        Assert.Equal(1, await _store.HeadAsync());
        foreach (var (shared, i) in authorities.Select((a, i) => (a, i)))
        {
            var data = DataFolder.Open(Path.Combine(_folder, $"server-{i}"));
            var configuration = TestServer.Configuration(data.Path, ("dpServer.publicAddresses", "cp-1.example:5678,10.0.0.2:5678")).DpServer;
            var tls = DpServerTls.Open(configuration, data, TimeProvider.System, shared);
            using var trusted = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(data.FileNamed(DpServerTls.AuthorityFile)));
            Assert.Equal(authority, trusted.Thumbprint);
            Assert.False(File.Exists(data.FileNamed("dp-server-ca.key")));
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(trusted);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            Assert.True(chain.Build(tls.Current.TargetCertificate));
            Assert.True(tls.Current.TargetCertificate.MatchesHostname("cp-1.example"));
            Assert.True(tls.Current.TargetCertificate.MatchesHostname("10.0.0.2"));
        }
    }

    [Fact]
    public async Task Its_key_is_sealed_and_only_the_key_of_the_winner_is_kept()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync()));

        var keys = 0;
        await foreach (var id in ((EventStore.IDataKeyStore)_store).ListAsync())
            keys += await ((EventStore.IDataKeyStore)_store).GetAsync(id) is null ? 0 : 1;
        Assert.Equal(1, keys);
        await foreach (var recorded in _store.ReadAllAsync())
        {
            Assert.DoesNotContain("PRIVATE KEY", System.Text.Encoding.UTF8.GetString(recorded.Data.Span), StringComparison.Ordinal);
            Assert.Equal(1, IndexFold.Apply(IndexState.Empty, recorded).Position);
        }
    }

    [Fact]
    public async Task Without_the_right_key_it_is_not_had_and_not_made_anew()
    {
        await OpenAsync();
        await ((EventStore.IDataKeyStore)_store).DestroyAsync(await FirstKeyAsync());
        await Assert.ThrowsAsync<SecretUnavailableException>(OpenAsync);
        Assert.Equal(1, await _store.HeadAsync());
    }

    private Task<X509Certificate2> OpenAsync() => SharedAuthority.OpenAsync(_store, new SecretVault(_key, _store), DateTimeOffset.UtcNow);

    private async Task<string> FirstKeyAsync()
    {
        await foreach (var id in ((EventStore.IDataKeyStore)_store).ListAsync())
            return id;
        throw new InvalidOperationException("there is no data key");
    }
}
