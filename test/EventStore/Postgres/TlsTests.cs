using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.EventStore.Postgres;
using OrleansMesh.EventStore.Tests.Sqlite;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Postgres;

/// <summary>Who answers in the database's place is found out.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TlsTests(PostgresServer server)
{
    [SkippableFact]
    public async Task The_database_has_to_prove_itself_by_the_authority_and_the_name_that_the_address_says()
    {
        PostgresServer.Require();
        using var folder = new TemporaryDirectory();
        using var authority = Authority("CN=the authority");
        using var other = Authority("CN=another authority");
        var (trusted, alien) = (folder.File("ca.pem"), folder.File("other.pem"));
        await File.WriteAllTextAsync(trusted, authority.ExportCertificatePem());
        await File.WriteAllTextAsync(alien, other.ExportCertificatePem());
        var address = (await server.CreateDatabaseAsync()) with { Tls = PostgresTls.VerifyFull, RootCertificateFile = trusted };

        // A server without TLS is not talked to in plain text.
        await IsRefusedAsync(address);

        await ServeAsync(authority, "127.0.0.1");
        await using (var store = await PostgresEventStore.OpenAsync(address))
        {
            await store.AppendAsync([To("a", 0, "1")]);
            Assert.Equal(
                ["True"],
                await server.ExecuteAsync("postgres", $"SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = '{address.Database}'"));
        }

        await IsRefusedAsync(address with { RootCertificateFile = alien });
        await IsRefusedAsync(address with { RootCertificateFile = alien, Tls = PostgresTls.VerifyCa });
        await IsRefusedAsync(address with { RootCertificateFile = null });

        await ServeAsync(authority, "192.0.2.1");
        await IsRefusedAsync(address);
        await (await PostgresEventStore.OpenAsync(address with { Tls = PostgresTls.VerifyCa })).DisposeAsync();
    }

    /// <summary>Waiting would change nothing.</summary>
    private static async Task IsRefusedAsync(PostgresAddress address)
        => Assert.False((await Assert.ThrowsAsync<EventStoreUnavailableException>(() => PostgresEventStore.OpenAsync(address))).MayPass);

    private async Task ServeAsync(X509Certificate2 authority, string ip)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=postgres", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(ip));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        await server.WriteFileAsync("tls.crt", certificate.ExportCertificatePem());
        await server.WriteFileAsync("tls.key", key.ExportPkcs8PrivateKeyPem());
        await server.ExecuteAsync("postgres", "ALTER SYSTEM SET ssl_cert_file = 'tls.crt'");
        await server.ExecuteAsync("postgres", "ALTER SYSTEM SET ssl_key_file = 'tls.key'");
        await server.ExecuteAsync("postgres", "ALTER SYSTEM SET ssl = on");
        await server.ExecuteAsync("postgres", "SELECT pg_reload_conf()");
        // The postmaster takes a moment to read them.
        await FollowingTests.WaitForAsync(async () => await ServedAsync() == certificate.SerialNumber);
    }

    private async Task<string?> ServedAsync()
    {
        string? serial = null;
        await using var connection = new Npgsql.NpgsqlDataSourceBuilder($"Host=127.0.0.1;Port={server.Port};Username=mesh;Database=postgres;Pooling=false;SslMode=Require")
            .UseSslClientAuthenticationOptionsCallback(options => options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                serial = (certificate as X509Certificate2)?.SerialNumber;
                return true;
            }).Build().CreateConnection();
        try
        {
            await connection.OpenAsync();
        }
        catch (Npgsql.NpgsqlException)
        {
            return null;
        }

        return serial;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }
}
