using System.Security.Cryptography;

namespace OrleansMesh.EventStore.Tests;

/// <summary>What every store of data keys promises about wrapping them anew.</summary>
public abstract class DataKeyContract
{
    protected abstract IDataKeyStore Keys { get; }

    [Fact]
    public async Task A_key_is_replaced_only_where_the_old_one_is_stored_still()
    {
        var (old, rewrapped) = (Key("a", "kek-1"), Key("a", "kek-2"));
        await Keys.PutAsync(old);
        await Keys.PutAsync(Key("b", "kek-1"));

        Assert.False(await Keys.ReplaceAsync(Key("a", "kek-1"), rewrapped));
        Assert.False(await Keys.ReplaceAsync(old with { KekId = "kek-0" }, rewrapped));
        Assert.False(await Keys.ReplaceAsync(Key("unknown", "kek-1"), Key("unknown", "kek-2")));
        Assert.Equal(["kek-1"], await Keys.KekIdsAsync());
        Assert.True(await Keys.ReplaceAsync(old, rewrapped));
        Assert.False(await Keys.ReplaceAsync(old, Key("a", "kek-3")));

        var stored = (await Keys.GetAsync("a"))!;
        Assert.Equal(("kek-2", Convert.ToHexString(rewrapped.Wrapped.Span)), (stored.KekId, Convert.ToHexString(stored.Wrapped.Span)));
        Assert.Equal(["kek-1", "kek-2"], (await Keys.KekIdsAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(["a", "b"], await Keys.ListAsync().ListAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => Keys.ReplaceAsync(rewrapped, Key("b", "kek-3")));
    }

    [Fact]
    public async Task A_destroyed_key_stays_destroyed()
    {
        var key = Key("a", "kek-1");
        await Keys.PutAsync(key);
        await Keys.DestroyAsync("a");
        Assert.False(await Keys.ReplaceAsync(key, Key("a", "kek-2")));
        Assert.Null(await Keys.GetAsync("a"));
        Assert.Empty(await Keys.KekIdsAsync());
    }

    private static WrappedDataKey Key(string id, string kek) => new(id, kek, RandomNumberGenerator.GetBytes(60));
}
