namespace OrleansMesh.EventStore.Tests;

/// <summary>What every store's leases promise.</summary>
public abstract class LeasesContract
{
    /// <summary>Leases of the same log each time.</summary>
    protected abstract Task<ILeases> LeasesAsync();

    [Fact]
    public async Task One_at_a_time_holds_a_lease_and_the_next_one_may_when_it_is_given_free()
    {
        var leases = await LeasesAsync();
        var first = await leases.TryAcquireAsync("sweep");
        Assert.NotNull(first);
        Assert.Null(await leases.TryAcquireAsync("sweep"));
        Assert.False(first.Lost.IsCancellationRequested);
        await first.DisposeAsync();
        await first.DisposeAsync();
        var second = await leases.TryAcquireAsync("sweep");
        Assert.NotNull(second);
        await first.DisposeAsync();
        Assert.Null(await leases.TryAcquireAsync("sweep"));
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Leases_of_different_names_are_apart()
    {
        var leases = await LeasesAsync();
        await using var one = await leases.TryAcquireAsync("one");
        await using var other = await leases.TryAcquireAsync("other");
        Assert.NotNull(one);
        Assert.NotNull(other);
    }

    [Fact]
    public async Task Of_many_that_want_it_at_once_exactly_one_gets_it()
    {
        var leases = await LeasesAsync();
        for (var round = 0; round < 5; round++)
        {
            var got = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => leases.TryAcquireAsync("contended"))));
            await Assert.Single(got, lease => lease is not null)!.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        var leases = await LeasesAsync();
        Assert.StartsWith("name:", (await Assert.ThrowsAsync<ArgumentException>(() => leases.TryAcquireAsync(name))).Message, StringComparison.Ordinal);
    }
}

public sealed class LocalLeasesContractTests : LeasesContract
{
    private readonly LocalLeases _leases = new();

    protected override Task<ILeases> LeasesAsync() => Task.FromResult<ILeases>(_leases);
}
