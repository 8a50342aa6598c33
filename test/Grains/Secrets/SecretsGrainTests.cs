using System.Text;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Secrets;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;

namespace OrleansMesh.Grains.Tests.Secrets;

public sealed class SecretsGrainTests : IAsyncLifetime
{
    private const string Stream = "secrets/mesh/default";

    private TestServer _server = null!;

    private ISecretsGrain Secrets => _server.Grains.GetGrain<ISecretsGrain>(SecretsKeys.OfMesh("default"));

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_secret_is_read_as_it_was_given_also_after_a_restart()
    {
        Assert.Equal(Outcome.Created, (await Secrets.Apply(Of("db", "open sesame"), Operator)).Outcome);
        Assert.Equal(Outcome.Unchanged, (await Secrets.Apply(Of("db", "open sesame"), Operator)).Outcome);
        Assert.Equal(Outcome.Changed, (await Secrets.Apply(Of("db", "close sesame"), Operator)).Outcome);
        await _server.RestartAsync();

        Assert.Equal(Data("close sesame"), await Secrets.Read("db"));
        Assert.Null(await Secrets.Read("other"));
        Assert.Null(await _server.Grains.GetGrain<ISecretsGrain>(SecretsKeys.Global).Read("db"));
    }

    [Fact]
    public async Task A_change_and_a_deletion_destroy_what_was_there_before()
    {
        await Secrets.Apply(Of("a", "one"), Operator);
        await Secrets.Apply(Of("a", "two"), Operator);
        await Secrets.Apply(Of("b", "three"), Operator);
        await Secrets.DeleteAll(Operator);

        Assert.Equal(Outcome.NotFound, (await Secrets.Delete("a", Operator)).Outcome);
        Assert.Null(await Secrets.Read("a"));
        var events = await _server.EventsAsync(Stream);
        (string Name, Domain.Events.SealedSecret Data)[] sealedEver =
            [.. events.OfType<SecretCreated>().Select(e => (e.Name, e.Data)), .. events.OfType<SecretChanged>().Select(e => (e.Name, e.Data))];
        Assert.Equal(3, sealedEver.Length);
        foreach (var (name, it) in sealedEver)
        {
            await Assert.ThrowsAsync<SecretUnavailableException>(() => _server.Vault.UnsealAsync(
                new EventStore.Secrets.SealedSecret(it.KeyId, it.Nonce, it.Ciphertext, it.Tag), $"{Stream}/{name}"));
        }
    }

    [Fact]
    public async Task A_secret_of_one_name_cannot_be_passed_off_as_that_of_another()
    {
        await Secrets.Apply(Of("a", "one"), Operator);
        var stored = Assert.IsType<SecretCreated>(Assert.Single(await _server.EventsAsync(Stream))).Data;
        await Assert.ThrowsAsync<SecretUnavailableException>(() => _server.Vault.UnsealAsync(
            new EventStore.Secrets.SealedSecret(stored.KeyId, stored.Nonce, stored.Ciphertext, stored.Tag), $"{Stream}/b"));
    }

    [Fact]
    public async Task Nothing_that_is_printed_or_stored_as_json_holds_a_part_of_it()
    {
        var secret = Of("a", "open sesame");
        Assert.DoesNotContain("sesame", $"{secret} {secret.Data}", StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => System.Text.Json.JsonSerializer.Serialize(secret, DomainJson.Options));
        await Secrets.Apply(secret, Operator);
        await foreach (var recorded in _server.Store.ReadAllAsync())
            Assert.DoesNotContain("sesame", Encoding.UTF8.GetString(recorded.Data.Span), StringComparison.Ordinal);
    }

    private static SecretResource Of(string name, string data) => new("default", name, Data(data));

    private static SecretData Data(string text) => new(Encoding.UTF8.GetBytes(text));
}
