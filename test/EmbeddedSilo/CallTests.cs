using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;

namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>What a caller gets: the answer, the grain's own exception, or a time-out that names the call.</summary>
public class CallTests
{
    public interface ICalls : IGrainWithStringKey
    {
        Task<string> Reference(string text);

        ValueTask<int> Value(int number);

        ValueTask Nothing();

        Task FailAtOnce();

        Task FailLater();

        Task Cancelled(CancellationToken cancellation);

        Task Never();

        Task Note(string text);

        Task CallSelf();

        Task CallBackThrough(string other);

        Task CallBack(ICalls caller);

        [OneWay]
        Task NoteAndFail(string text);

        [OneWay]
        Task NoteAfterGate(string text);

        Task Accept(ICalls grain);

        Task PassItselfUnwrapped(ICalls to);
    }

    public sealed class CallsGrain(Journal journal, Gate gate) : Grain, ICalls
    {
        public static readonly Exception Failure = new InvalidDataException("as it is");

        public Task<string> Reference(string text) => Task.FromResult(text);

        public async ValueTask<int> Value(int number)
        {
            await Task.Yield();
            return number;
        }

        public ValueTask Nothing() => ValueTask.CompletedTask;

        public Task FailAtOnce() => throw Failure;

        public async Task FailLater()
        {
            await Task.Yield();
            throw Failure;
        }

        public Task Cancelled(CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

        public Task Never() => gate.Pass();

        public Task Note(string text)
        {
            journal.Write(text);
            return Task.CompletedTask;
        }

        public Task CallSelf() => GrainFactory.GetGrain<ICalls>(this.GetPrimaryKeyString()).Note("never");

        public Task CallBackThrough(string other) => GrainFactory.GetGrain<ICalls>(other).CallBack(this.AsReference<ICalls>());

        public Task CallBack(ICalls caller) => caller.Note("never");

        public Task NoteAndFail(string text)
        {
            journal.Write(text);
            throw Failure;
        }

        public async Task NoteAfterGate(string text)
        {
            await gate.Pass();
            journal.Write(text);
        }

        public Task Accept(ICalls grain) => Task.CompletedTask;

        public Task PassItselfUnwrapped(ICalls to) => to.Accept(this);
    }

    private readonly Journal _journal = new();
    private readonly Gate _gate = new();

    [Fact]
    public async Task Every_kind_of_task_comes_back()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ICalls>("a");
        var text = new string('x', 3);
        Assert.Same(text, await grain.Reference(text));
        Assert.Equal(7, await grain.Value(7));
        await grain.Nothing();
    }

    [Fact]
    public async Task An_exception_reaches_the_caller_as_it_is()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ICalls>("a");
        Assert.Same(CallsGrain.Failure, await Assert.ThrowsAsync<InvalidDataException>(grain.FailAtOnce));
        Assert.Same(CallsGrain.Failure, await Assert.ThrowsAsync<InvalidDataException>(grain.FailLater));
        using var cancellation = new CancellationTokenSource();
        var cancelled = grain.Cancelled(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.True(cancelled.IsCanceled);
    }

    [Fact]
    public async Task A_call_that_is_not_answered_times_out_and_names_grain_and_method()
    {
        await using var silo = Start(TimeSpan.FromMilliseconds(100));
        var exception = await Assert.ThrowsAsync<TimeoutException>(silo.GrainFactory.GetGrain<ICalls>("web/1").Never);
        Assert.Contains("ICalls.Never of CallsGrain/web/1", exception.Message, StringComparison.Ordinal);
        _gate.Open();
    }

    [Fact]
    public async Task A_call_whose_caller_gave_up_before_it_ran_never_runs()
    {
        await using var silo = Start(TimeSpan.FromSeconds(1));
        var grain = silo.GrainFactory.GetGrain<ICalls>("a");
        var running = grain.Never();
        await _gate.Reached;
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Note("given up"));
        await Assert.ThrowsAsync<TimeoutException>(() => running);
        _gate.Open();
        await grain.Note("wanted");
        Assert.Equal(["wanted"], _journal.Entries);
    }

    [Fact]
    public async Task A_grain_that_waits_for_itself_times_out_and_serves_again()
    {
        await using var silo = Start(TimeSpan.FromMilliseconds(100));
        var grain = silo.GrainFactory.GetGrain<ICalls>("a");
        await Assert.ThrowsAsync<TimeoutException>(grain.CallSelf);
        await Again(() => grain.Note("again"));
        Assert.Equal("again", _journal.Entries[^1]);
    }

    [Fact]
    public async Task Grains_that_wait_for_each_other_time_out_and_serve_again()
    {
        await using var silo = Start(TimeSpan.FromMilliseconds(100));
        var grain = silo.GrainFactory.GetGrain<ICalls>("a");
        await Assert.ThrowsAsync<TimeoutException>(() => grain.CallBackThrough("b"));
        await Again(() => grain.Note("again"));
        await Again(() => silo.GrainFactory.GetGrain<ICalls>("b").Note("again"));
        Assert.DoesNotContain("never", _journal.Entries);
    }

    [Fact]
    public async Task A_one_way_call_is_not_waited_for_and_its_failure_stays_in_the_silo()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ICalls>("a");
        var sent = grain.NoteAfterGate("first");
        Assert.True(sent.IsCompletedSuccessfully);
        Assert.True(grain.NoteAndFail("second").IsCompletedSuccessfully);
        Assert.Empty(_journal.Entries);
        _gate.Open();
        await grain.Note("third");
        Assert.Equal(["first", "second", "third"], _journal.Entries);
    }

    [Fact]
    public async Task A_grain_that_passes_itself_and_not_a_reference_is_told_so()
    {
        await using var silo = Start();
        var other = silo.GrainFactory.GetGrain<ICalls>("b");
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => silo.GrainFactory.GetGrain<ICalls>("a").PassItselfUnwrapped(other));
        Assert.Contains("AsReference", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task References_to_the_same_grain_are_equal()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ICalls>("a");
        Assert.Equal(grain, silo.GrainFactory.GetGrain<ICalls>("a"));
        Assert.Equal(grain.GetHashCode(), silo.GrainFactory.GetGrain<ICalls>("a").GetHashCode());
        Assert.NotEqual(grain, silo.GrainFactory.GetGrain<ICalls>("b"));
        Assert.Equal(grain, grain.AsReference<IGrainWithStringKey>());
    }

    [Fact]
    public async Task A_reference_through_an_interface_that_the_grain_lacks_is_refused()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ICalls>("a");
        Assert.Contains("does not implement", Assert.Throws<ArgumentException>(grain.AsReference<TurnTests.ITurns>).Message, StringComparison.Ordinal);
    }

    // What ran into the time-out may still be ending when its caller already knows.
    private static Task Again(Func<Task> call) => TestSilo.Until(async () =>
    {
        try
        {
            await call();
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    });

    private EmbeddedSiloHost Start(TimeSpan? responseTimeout = null) => TestSilo.Start(
        services => services.AddSingleton(_journal).AddSingleton(_gate),
        options => options.ResponseTimeout = responseTimeout ?? options.ResponseTimeout,
        typeof(CallsGrain));
}
