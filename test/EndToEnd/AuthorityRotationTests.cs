using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>A mesh changes its authorities while real Envoys serve: nothing that is sent fails.</summary>
[Trait("Category", "Slow")]
public sealed class AuthorityRotationTests
{
    [SkippableFact]
    public async Task From_builtin_to_provided_and_back_no_request_fails()
    {
        await using var load = await LoadedServices.StartAsync();
        await load.EnableAsync("ca-2");
        await load.SigningAsync("ca-2");
        await load.Load.GoesOnFor(50);
        await load.EnableAsync("ca-1");
        await load.SigningAsync("ca-1");
        await load.Load.GoesOnFor(50);
        await load.AllWereAnsweredAsync();
    }

    [SkippableFact]
    public async Task A_builtin_authority_renews_itself_well_before_it_ends_and_no_request_fails()
    {
        await using var load = await LoadedServices.StartAsync();
        await load.ShortenAsync();
        var signing = (Id: "", Ends: DateTimeOffset.MaxValue);
        var renewals = -1;
        await Eventually.BecomesTrue(
            "its successor was succeeded",
            async () =>
            {
                var now = (await load.StatusAsync())["authorities"]!.AsArray().Single(a => (string?)a!["use"] == "signing")!;
                var (id, ends) = ((string)now["id"]!, DateTimeOffset.Parse((string)now["notAfter"]!, CultureInfo.InvariantCulture));
                if (id == signing.Id || ends > DateTimeOffset.UtcNow.AddYears(1))
                    return false;

                // The certificates of its predecessor are good for as long as others' are.
                Assert.True(signing.Ends > DateTimeOffset.UtcNow.AddSeconds(LoadedServices.ShortCertificate), $"{signing.Id} had until {signing.Ends:u} when {id} came");
                (signing, renewals) = ((id, ends), renewals + 1);
                return renewals == 2;
            },
            TimeSpan.FromMinutes(3),
            () => load.Server.Log);
        await load.Load.GoesOnFor(50);
        await load.AllWereAnsweredAsync();
    }

    [SkippableFact]
    public async Task Killed_in_each_stage_it_is_completed_and_no_request_fails()
    {
        await using var load = await LoadedServices.StartAsync();

        // Before the new one signs: the stage is held, so that the kill hits it.
        await load.ControlAsync("pause");
        await load.EnableAsync("ca-2");
        await load.StageAsync("trusting");
        await load.KillAndRestartAsync();
        Assert.Equal("trusting", (string?)(await load.StatusAsync())["stage"]);
        await load.ControlAsync("resume");

        // After it signs, while the old one is trusted still.
        await load.StageAsync("issuing");
        await load.KillAndRestartAsync();
        await load.SigningAsync("ca-2");

        // At the moment of the withdrawal, or just after it.
        await load.KillAndRestartAsync();
        await load.EnableAsync("ca-1");
        await load.KillAndRestartAsync();
        await load.SigningAsync("ca-1");
        await load.Load.GoesOnFor(50);
        await load.AllWereAnsweredAsync();
    }

    [SkippableFact]
    public async Task An_authority_that_cannot_sign_stops_no_denial_and_no_traffic()
    {
        await using var services = await TwoServices.StartAsync();
        await services.PermitAsync();
        await Eventually.BecomesTrue("web may call", async () => await CallAsync() == HttpStatusCode.OK);
        await services.Server.StopAsync();
        LoseEveryKey(services.Server.Data);
        await using var load = SteadyLoad.Start(services.ToBackend);
        await services.Server.RestartAsync();
        await Eventually.BecomesTrue(
            "it is known that the authority cannot sign",
            async () => (await services.Server.GetAsync("/meshes/default/authorities"))["authorities"]!.AsArray().Any(a => a!["canSign"]?.GetValue<bool>() is false));
        await Eventually.BecomesTrue("both proxies are connected again", async () =>
            await services.Web.Sidecar.StatAsync("control_plane.connected_state") + await services.Backend.Sidecar.StatAsync("control_plane.connected_state") == 2);
        await load.GoesOnFor(50);
        await load.StopAsync();
        Assert.All(load.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));

        await services.WithdrawAsync();
        var withdrawn = Stopwatch.StartNew();
        await Eventually.BecomesTrue("web is refused", async () => await CallAsync() == HttpStatusCode.Forbidden);

        // A second as the contract says, and slack for a loaded machine.
        Assert.InRange(withdrawn.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        async Task<HttpStatusCode> CallAsync()
        {
            using var answer = await services.ToBackend.GetAsync("/");
            return answer.StatusCode;
        }
    }

    /// <summary>Overwrites every wrapped data key, as when the disk lost them.</summary>
    private static void LoseEveryKey(string data)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(data, "events.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE data_keys SET wrapped = zeroblob(length(wrapped))";
        Assert.True(command.ExecuteNonQuery() > 0);
    }

    /// <summary>
    /// Two services that talk all the time, in a mesh with two authorities. They speak TCP, and each request has a connection of its own, so that each of
    /// them needs a handshake between the two Envoys.
    /// </summary>
    private sealed class LoadedServices : IAsyncDisposable
    {
        /// <summary>Seconds.</summary>
        public const int ShortCertificate = 10;

        private readonly (string Certificate, string Key) _corporate = Corporate();
        private readonly EchoService _echo;
        private readonly Sidecar _backend;
        private readonly Sidecar _web;
        private readonly HttpClient _client;

        private LoadedServices(ServerProcess server, EchoService echo, Sidecar backend, Sidecar web)
        {
            (Server, _echo, _backend, _web) = (server, echo, backend, web);
            _client = new HttpClient { BaseAddress = web.Spec.To("backend") };
            _client.DefaultRequestHeaders.ConnectionClose = true;
        }

        public ServerProcess Server { get; }

        public SteadyLoad Load { get; private set; } = null!;

        public static async Task<LoadedServices> StartAsync()
        {
            Checkout.Envoy();
            var server = await ServerProcess.StartAsync("--authorities-rotation-settling", "2s");
            var echo = await EchoService.StartAsync("backend-1");
            await server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
            await server.ApplyAsync(Resources.PermissionPath("to-backend"), Resources.Permission("to-backend", "web", "backend"));
            var backend = await Sidecar.StartAsync(server, new SidecarSpec("backend-1", "backend", echo.Port, "tcp"));
            var web = await Sidecar.StartAsync(server, new SidecarSpec("web-1", "web", 9).Calling("backend"));
            var loaded = new LoadedServices(server, echo, backend, web);
            await loaded.EnableAsync("ca-1");
            await loaded.SigningAsync("ca-1");
            await Eventually.BecomesTrue("web may call", async () =>
            {
                using var answer = await loaded._client.GetAsync("/");
                return answer.StatusCode == HttpStatusCode.OK;
            });
            loaded.Load = SteadyLoad.Start(loaded._client, perSecond: 25);
            await loaded.Load.GoesOnFor(25);
            return loaded;
        }

        /// <summary>Has certificates live ten seconds, and their authority forty: it is renewed when half of its life is left.</summary>
        public Task ShortenAsync() => Server.ApplyAsync("/meshes/default", $"""
            type: Mesh
            name: default
            mtls:
              enabledBackend: ca-1
              backends:
              - name: ca-1
                type: builtin
                dpCert:
                  rotation:
                    expiration: {ShortCertificate}s
                conf:
                  caCert:
                    expiration: 40s
            """);

        public Task EnableAsync(string backend) => Server.ApplyAsync("/meshes/default", new JsonObject
        {
            ["type"] = "Mesh",
            ["name"] = "default",
            ["mtls"] = new JsonObject
            {
                ["enabledBackend"] = backend,
                ["backends"] = new JsonArray(
                    new JsonObject { ["name"] = "ca-1", ["type"] = "builtin", ["conf"] = new JsonObject { ["caCert"] = new JsonObject { ["RSAbits"] = 2048, ["expiration"] = "10y" } } },
                    new JsonObject
                    {
                        ["name"] = "ca-2",
                        ["type"] = "provided",
                        ["conf"] = new JsonObject
                        {
                            ["cert"] = new JsonObject { ["inlineString"] = _corporate.Certificate },
                            ["key"] = new JsonObject { ["inlineString"] = _corporate.Key },
                        },
                    }),
            },
        }.ToJsonString());

        public async Task<JsonNode> StatusAsync() => await Server.GetAsync("/meshes/default/authorities");

        public async Task ControlAsync(string what)
        {
            using var answer = await Server.Api.PostAsync($"/meshes/default/authorities/{what}", null);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        public Task StageAsync(string stage) => Eventually.BecomesTrue($"the stage is {stage}", async () => (string?)(await StatusAsync())["stage"] == stage);

        /// <summary>The change is complete: what both proxies hold is signed by the backend's authority.</summary>
        public async Task SigningAsync(string backend)
        {
            JsonNode? status = null;
            await Eventually.BecomesTrue(
                $"{backend} signs alone",
                async () => (string?)(status = await StatusAsync())["stage"] == "none"
                    && status["authorities"]!.AsArray().Any(a => (string?)a!["backend"] == backend && (string?)a["use"] == "signing"),
                explain: () => $"{status}\n{Server.Log}");
            foreach (var proxy in (string[])["web-1", "backend-1"])
            {
                await Eventually.BecomesTrue($"{proxy} has a certificate of {backend}", async () =>
                    (string?)(await Server.GetAsync($"/meshes/default/dataplanes/{proxy}/_inspect"))["certificate"]?["backend"] == backend);
            }
        }

        public async Task KillAndRestartAsync()
        {
            await Server.KillAsync();
            await Server.RestartAsync();
        }

        public async Task AllWereAnsweredAsync()
        {
            await Load.StopAsync();
            Assert.All(Load.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));
        }

        public async ValueTask DisposeAsync()
        {
            await Load.DisposeAsync();
            _client.Dispose();
            await _web.DisposeAsync();
            await _backend.DisposeAsync();
            await _echo.DisposeAsync();
            await Server.DisposeAsync();
        }

        /// <summary>An authority below another one, as an organisation gives to those who are not to have its root's key; with its path.</summary>
        private static (string Certificate, string Key) Corporate()
        {
            using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
            var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
            using var root = Request("CN=corporate", rootKey).CreateSelfSigned(from, until);
            var request = Request("CN=mesh, O=corporate", key);
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
            using var certificate = request.Create(root, from, until, RandomNumberGenerator.GetBytes(12));
            return ($"{certificate.ExportCertificatePem()}\n{root.ExportCertificatePem()}\n", key.ExportPkcs8PrivateKeyPem());
        }

        private static CertificateRequest Request(string name, ECDsa key)
        {
            var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
            return request;
        }
    }
}
