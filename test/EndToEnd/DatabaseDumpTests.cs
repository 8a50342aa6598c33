using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OrleansMesh.EndToEnd.Tests.Harness;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>What a proxy and an operator hold is in no file that the server writes, the log's own included, and in nothing that it says.</summary>
[Trait("Category", "Slow")]
public sealed class DatabaseDumpTests
{
    [Fact]
    public async Task No_file_of_the_server_holds_a_proxys_private_key_or_a_token_in_any_form()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        var (held, serial) = await HeldAsync(server);

        // While it runs, with what is in the write-ahead log, and after it has ended.
        Assert.Empty(Found(server, held));
        Assert.Equal(0, await server.StopAsync());
        Assert.Empty(Found(server, held));
        Assert.Contains("events.db", Found(server, serial).Select(found => found.File));
    }

    [SkippableFact]
    public async Task No_file_of_PostgreSQL_holds_a_key_a_secret_or_a_token_in_any_form()
    {
        PostgresServer.Require();
        await using var fleet = await SiloFleet.StartAsync(1);
        var server = fleet.Silos[0];
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await server.ApplyAsync("/meshes/default", MeshGiven(authorityKey));
        var (held, serial) = await HeldAsync(server);
        held["the key of the authority"] = authorityKey.ExportParameters(includePrivateParameters: true).D!;
        held["a secret"] = RandomNumberGenerator.GetBytes(32);
        await server.ApplyAsync("/meshes/default/secrets/s", $$"""{"type": "Secret", "mesh": "default", "name": "s", "data": "{{Convert.ToBase64String(held["a secret"])}}"}""");
        await fleet.Postgres.ExecuteAsync(fleet.Log.Database, "CHECKPOINT");

        Assert.Empty(Found(server, held, fleet.Postgres.Data));
        Assert.NotEmpty(Found(server, serial, fleet.Postgres.Data));
    }

    /// <summary>What a proxy and two users of the API hold, by what it is; and, to be found by the same search, what the log says of it.</summary>
    private static async Task<(Dictionary<string, byte[]> Held, Dictionary<string, byte[]> Told)> HeldAsync(ServerProcess server)
    {
        var token = await server.TokenAsync("web-1", service: "web");
        using var answer = await server.Api.PostAsJsonAsync("/tokens/user", new { name = "jane", groups = new[] { "team" }, validFor = "1h" });
        var userToken = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var spec = new SidecarSpec("web-1", "web", 9);
        using var identity = await XdsClient.IdentityAsync(server, spec, token);
        using (var bootstrap = await Sidecar.PostBootstrapAsync(server, spec, token))
            Assert.Equal(HttpStatusCode.OK, bootstrap.StatusCode);
        using var key = identity.GetECDsaPrivateKey()!;
        return (
            new()
            {
                ["the proxy's private key"] = key.ExportParameters(includePrivateParameters: true).D!,
                ["the signature of the dataplane token"] = Base64Url.DecodeFromChars(token.Split('.')[2]),
                ["the signature of the user token"] = Base64Url.DecodeFromChars(userToken.Split('.')[2]),
            },
            new() { ["the certificate's serial number"] = identity.SerialNumberBytes.ToArray() });
    }

    private static string MeshGiven(ECDsa key)
    {
        var request = new CertificateRequest("CN=corporate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return $"""
            type: Mesh
            name: default
            mtls:
              enabledBackend: ca-1
              backends:
              - name: ca-1
                type: provided
                conf:
                  cert:
                    inline: {Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()))}
                  key:
                    inline: {Convert.ToBase64String(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()))}
            """;
    }

    private static List<(string File, string What)> Found(ServerProcess server, Dictionary<string, byte[]> sought, string? database = null)
    {
        // A lock cannot be opened while it is held, and holds nothing.
        var folder = database ?? server.Data;
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0 || !file.EndsWith(".lock", StringComparison.Ordinal));
        var places = files.Select(file => (Name: Path.GetFileName(file), Bytes: Read(file))).ToList();
        Assert.NotEmpty(places);
        places.Add(("what it says", Encoding.UTF8.GetBytes(server.Log)));
        return [.. from place in places from secret in sought where FormsOf(secret.Value).Any(form => Contains(place.Bytes, form)) select (place.Name, secret.Key)];
    }

    // The server has some of them open.
    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static bool Contains(byte[] bytes, byte[] form) => bytes.AsSpan().IndexOf(form) >= 0;

    /// <summary>As it is, in hexadecimal, and in base64 of either alphabet wherever in a longer text it may begin.</summary>
    private static IEnumerable<byte[]> FormsOf(byte[] secret)
    {
        yield return secret[..14];
        yield return Encoding.ASCII.GetBytes(Convert.ToHexString(secret[..14]));
        yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret[..14]));
        for (var shift = 0; shift < 3; shift++)
        {
            var base64 = Convert.ToBase64String(secret.AsSpan(shift, 12));
            yield return Encoding.ASCII.GetBytes(base64);
            yield return Encoding.ASCII.GetBytes(base64.Replace('+', '-').Replace('/', '_'));
        }
    }
}
