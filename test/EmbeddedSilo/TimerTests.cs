using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>A grain's timers run in its turns and end with it.</summary>
public class TimerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);

    public interface ITimed : IGrainWithStringKey
    {
        Task Every(TimeSpan period, bool interleave = false, bool keepAlive = false);

        Task Once();

        Task EveryFailing();

        Task ThatWaitsForItsEnd();

        Task Change(TimeSpan dueTime);

        Task Stop();

        Task<Exception> RegisterElsewhere();

        [AlwaysInterleave]
        Task<int> Ticks();

        Task<int> TicksWhileThisCallRuns(Gate gate);

        Task Leave();
    }

    public sealed class TimedGrain(Journal journal) : Grain, ITimed
    {
        private IGrainTimer? _timer;
        private int _ticks;

        public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        {
            journal.Write($"deactivated {this.GetPrimaryKeyString()}");
            return Task.CompletedTask;
        }

        public Task Every(TimeSpan period, bool interleave, bool keepAlive)
        {
            var own = TaskScheduler.Current;
            _timer = this.RegisterGrainTimer(
                async (step, _) =>
                {
                    await Task.Yield();
                    Assert.Same(own, TaskScheduler.Current);
                    _ticks += step;
                },
                1,
                new GrainTimerCreationOptions(Soon, period) { Interleave = interleave, KeepAlive = keepAlive });
            return Task.CompletedTask;
        }

        public Task Once()
        {
            _timer = this.RegisterGrainTimer(() => Task.FromResult(_ticks++), Soon, Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        }

        public Task EveryFailing()
        {
            this.RegisterGrainTimer(
                () =>
                {
                    _ticks++;
                    throw new InvalidDataException("a tick's own trouble");
                },
                Soon,
                Soon);
            return Task.CompletedTask;
        }

        public Task ThatWaitsForItsEnd()
        {
            this.RegisterGrainTimer(
                async cancellation =>
                {
                    _ticks++;
                    await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    journal.Write("cancelled");
                },
                new GrainTimerCreationOptions(Soon, Soon) { Interleave = true });
            return Task.CompletedTask;
        }

        public Task Change(TimeSpan dueTime)
        {
            _timer!.Change(dueTime, Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        }

        public Task Stop()
        {
            _timer!.Dispose();
            return Task.CompletedTask;
        }

        public Task<Exception> RegisterElsewhere() =>
            Task.Run<Exception>(() => Assert.Throws<InvalidOperationException>(() => this.RegisterGrainTimer(() => Task.CompletedTask, Soon, Soon)));

        public Task<int> Ticks() => Task.FromResult(_ticks);

        public async Task<int> TicksWhileThisCallRuns(Gate gate)
        {
            var before = _ticks;
            await gate.Pass();
            return _ticks - before;
        }

        public Task Leave()
        {
            DeactivateOnIdle();
            return Task.CompletedTask;
        }
    }

    private readonly Journal _journal = new();

    [Fact]
    public async Task A_timer_ticks_in_the_grains_turns_until_it_is_disposed()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ITimed>("a");
        await grain.Every(Soon);
        await TestSilo.Until(async () => await grain.Ticks() >= 3);
        await grain.Stop();
        var ticks = await grain.Ticks();
        await Task.Delay(50);
        Assert.Equal(ticks, await grain.Ticks());
    }

    [Fact]
    public async Task A_timer_without_a_period_ticks_once_and_again_after_a_change()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ITimed>("a");
        await grain.Once();
        await TestSilo.Until(async () => await grain.Ticks() == 1);
        await Task.Delay(50);
        Assert.Equal(1, await grain.Ticks());
        await grain.Change(Soon);
        await TestSilo.Until(async () => await grain.Ticks() == 2);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => grain.Change(TimeSpan.FromSeconds(-5)));
    }

    [Fact]
    public async Task A_timer_that_fails_goes_on()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ITimed>("a");
        await grain.EveryFailing();
        await TestSilo.Until(async () => await grain.Ticks() >= 3);
    }

    [Fact]
    public async Task A_tick_waits_for_the_call_that_runs_unless_it_may_interleave()
    {
        await using var silo = Start();
        var (plain, interleaving) = (silo.GrainFactory.GetGrain<ITimed>("plain"), silo.GrainFactory.GetGrain<ITimed>("interleaving"));
        await Task.WhenAll(plain.Every(Soon), interleaving.Every(Soon, interleave: true));
        await TestSilo.Until(async () => await plain.Ticks() > 0);
        var gate = new Gate();
        var (inPlain, inInterleaving) = (plain.TicksWhileThisCallRuns(gate), interleaving.TicksWhileThisCallRuns(gate));
        await gate.Reached;
        var seen = await interleaving.Ticks();
        await TestSilo.Until(async () => await interleaving.Ticks() > seen + 2);
        gate.Open();
        Assert.Equal(0, await inPlain);
        Assert.True(await inInterleaving >= 2);
    }

    [Fact]
    public async Task A_timer_ends_with_its_activation_and_its_callback_is_told()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ITimed>("a");
        await grain.ThatWaitsForItsEnd();
        await TestSilo.Until(async () => await grain.Ticks() == 1);
        await grain.Leave();
        await TestSilo.Until(() => _journal.Entries.Contains("cancelled"));
        Assert.Equal(0, await grain.Ticks());
    }

    [Fact]
    public async Task A_tick_that_waits_does_not_hold_up_a_stop()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ITimed>("a");
        await grain.Every(Soon);
        var gate = new Gate();
        var running = grain.TicksWhileThisCallRuns(gate);
        await gate.Reached;
        await Task.Delay(50);
        using var limit = new CancellationTokenSource(TestSilo.Patience);
        var stopping = silo.StopAsync(limit.Token);
        gate.Open();
        Assert.Equal(0, await running);
        await stopping;
        Assert.Equal(["deactivated a"], _journal.Entries);
    }

    [Fact]
    public async Task A_timer_keeps_its_grain_alive_only_if_it_says_so()
    {
        await using var silo = Start(options => options.CollectionAge = TimeSpan.FromSeconds(1));
        var (kept, left) = (silo.GrainFactory.GetGrain<ITimed>("kept"), silo.GrainFactory.GetGrain<ITimed>("left"));
        await kept.Every(Soon, keepAlive: true);
        await left.Every(Soon);
        await TestSilo.Until(() => _journal.Entries.Count > 0);
        Assert.Equal(["deactivated left"], _journal.Entries);
    }

    [Fact]
    public async Task A_timer_is_registered_in_the_grains_own_turns_or_not_at_all()
    {
        await using var silo = Start();
        Assert.Contains("TimedGrain/a", (await silo.GrainFactory.GetGrain<ITimed>("a").RegisterElsewhere()).Message, StringComparison.Ordinal);
    }

    private EmbeddedSiloHost Start(Action<EmbeddedSiloOptions>? configure = null) =>
        TestSilo.Start(services => services.AddSingleton(_journal), configure, typeof(TimedGrain));
}
