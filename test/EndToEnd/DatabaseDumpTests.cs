using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OrleansMesh.EndToEnd.Tests.Harness;

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
        var token = await server.TokenAsync("web-1", service: "web");
        using var answer = await server.Api.PostAsJsonAsync("/tokens/user", new { name = "jane", groups = new[] { "team" }, validFor = "1h" });
        var userToken = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var spec = new SidecarSpec("web-1", "web", 9);
        using var identity = await XdsClient.IdentityAsync(server, spec, token);
        using (var bootstrap = await Sidecar.PostBootstrapAsync(server, spec, token))
            Assert.Equal(HttpStatusCode.OK, bootstrap.StatusCode);
        using var key = identity.GetECDsaPrivateKey()!;
        var sought = new Dictionary<string, byte[]> { ["the proxy's private key"] = key.ExportParameters(includePrivateParameters: true).D! };
        foreach (var (name, text) in new[] { ("dataplane token", token), ("user token", userToken) })
            sought[$"the signature of the {name}"] = Base64Url.DecodeFromChars(text.Split('.')[2]);

        // While it runs, with what is in the write-ahead log, and after it has ended.
        Assert.Empty(Found(server, sought));
        Assert.Equal(0, await server.StopAsync());
        Assert.Empty(Found(server, sought));

        // What it does hold is found by the same search: the certificate's serial number, as its event tells it.
        var serial = identity.SerialNumberBytes.ToArray();
        Assert.Contains("events.db", Found(server, new() { ["serial"] = serial }).Select(found => found.File));
    }

    private static List<(string File, string What)> Found(ServerProcess server, Dictionary<string, byte[]> sought)
    {
        // A lock cannot be opened while it is held, and holds nothing.
        var files = Directory.GetFiles(server.Data, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0 || !file.EndsWith(".lock", StringComparison.Ordinal));
        var places = files.Select(file => (Name: Path.GetFileName(file), Bytes: Read(file))).ToList();
        Assert.Contains(places, p => p.Name == "events.db");
        places.Add(("what it says", Encoding.UTF8.GetBytes(server.Log)));
        return [.. from place in places from secret in sought where FormsOf(secret.Value).Any(form => Contains(place.Bytes, form)) select (place.Name, secret.Key)];
    }

    // The server has some of them open, and locked against others that would write.
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
        yield return secret[..16];
        yield return Encoding.ASCII.GetBytes(Convert.ToHexString(secret[..12]));
        yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret[..12]));
        for (var shift = 0; shift < 3; shift++)
        {
            var base64 = Convert.ToBase64String(secret.AsSpan(shift, 12));
            yield return Encoding.ASCII.GetBytes(base64);
            yield return Encoding.ASCII.GetBytes(base64.Replace('+', '-').Replace('/', '_'));
        }
    }
}
