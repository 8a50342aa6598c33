using Orleans;
using Orleans.Concurrency;

namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>One turn at a time per activation, and no other call between a call's turns unless marked.</summary>
public class TurnTests
{
    public interface ITurns : IGrainWithStringKey
    {
        Task<int> MostAtOnce();

        Task Note(int number);

        Task<IReadOnlyList<int>> Notes();

        Task<bool> KeepsItsScheduler();

        Task Hold();

        [AlwaysInterleave]
        Task Release();

        [ReadOnly]
        Task ReadUntilTwoReaders();

        Task Write();

        [ReadOnly]
        Task<bool> WriterRanWhileReading();
    }

    public sealed class TurnsGrain : Grain, ITurns
    {
        private readonly List<int> _notes = [];
        private readonly TaskCompletionSource _release = new();
        private readonly TaskCompletionSource _twoReaders = new();
        private int _atOnce;
        private int _mostAtOnce;
        private int _readers;
        private bool _writerRanWhileReading;

        public async Task<int> MostAtOnce()
        {
            _mostAtOnce = Math.Max(_mostAtOnce, ++_atOnce);
            await Task.Yield();
            await Task.Delay(1);
            _atOnce--;
            return _mostAtOnce;
        }

        public Task Note(int number)
        {
            _notes.Add(number);
            return number % 3 == 0 ? Task.Delay(1) : Task.CompletedTask;
        }

        public Task<IReadOnlyList<int>> Notes() => Task.FromResult<IReadOnlyList<int>>(_notes);

        public async Task<bool> KeepsItsScheduler()
        {
            var own = TaskScheduler.Current;
            await Task.Delay(1);
            var kept = TaskScheduler.Current == own;
            await Task.Run(() => { });
            kept &= TaskScheduler.Current == own;
            kept &= await Task.Factory.StartNew(() => TaskScheduler.Current == own, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current);
            return kept && own != TaskScheduler.Default;
        }

        public Task Hold() => _release.Task;

        public Task Release()
        {
            _release.TrySetResult();
            return Task.CompletedTask;
        }

        public async Task ReadUntilTwoReaders()
        {
            if (++_readers == 2) _twoReaders.SetResult();
            await _twoReaders.Task;
            await Task.Delay(20);
            _readers--;
        }

        public Task Write()
        {
            _writerRanWhileReading |= _readers > 0;
            return Task.CompletedTask;
        }

        public Task<bool> WriterRanWhileReading() => Task.FromResult(_writerRanWhileReading);
    }

    public interface IReentrant : IGrainWithStringKey
    {
        Task WaitForTheOther();
    }

    [Reentrant]
    public sealed class ReentrantGrain : Grain, IReentrant
    {
        private readonly TaskCompletionSource _second = new();
        private int _calls;
        private int _atOnce;

        public async Task WaitForTheOther()
        {
            if (++_calls == 2) _second.SetResult();
            await _second.Task;
            // Between each other's turns, yet never two at a time: a lost update would show here.
            for (var i = 0; i < 200; i++)
            {
                Assert.Equal(0, _atOnce++);
                Thread.SpinWait(200);
                _atOnce--;
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Calls_run_one_at_a_time()
    {
        await using var silo = TestSilo.Start(typeof(TurnsGrain));
        var grain = silo.GrainFactory.GetGrain<ITurns>("a");
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => grain.MostAtOnce())), most => Assert.Equal(1, most));
    }

    [Fact]
    public async Task Different_grains_run_at_the_same_time()
    {
        await using var silo = TestSilo.Start(typeof(TurnsGrain));
        var held = silo.GrainFactory.GetGrain<ITurns>("held");
        var holding = held.Hold();
        Assert.Equal(1, await silo.GrainFactory.GetGrain<ITurns>("other").MostAtOnce());
        Assert.False(holding.IsCompleted);
        await held.Release();
        await holding;
    }

    [Fact]
    public async Task One_callers_calls_run_in_their_order()
    {
        await using var silo = TestSilo.Start(typeof(TurnsGrain));
        var grain = silo.GrainFactory.GetGrain<ITurns>("a");
        var numbers = Enumerable.Range(0, 500).ToArray();
        await Task.WhenAll(numbers.Select(grain.Note));
        Assert.Equal(numbers, await grain.Notes());
    }

    [Fact]
    public async Task What_a_grain_awaits_goes_on_in_its_turns()
    {
        await using var silo = TestSilo.Start(typeof(TurnsGrain));
        Assert.True(await silo.GrainFactory.GetGrain<ITurns>("a").KeepsItsScheduler());
    }

    [Fact]
    public async Task Only_a_call_marked_AlwaysInterleave_runs_while_another_waits()
    {
        await using var silo = TestSilo.Start(typeof(TurnsGrain));
        var grain = silo.GrainFactory.GetGrain<ITurns>("a");
        var holding = grain.Hold();
        var behind = grain.Note(1);
        Assert.NotSame(behind, await Task.WhenAny(behind, Task.Delay(50)));
        await grain.Release().WaitAsync(TestSilo.Patience);
        await Task.WhenAll(holding, behind).WaitAsync(TestSilo.Patience);
    }

    [Fact]
    public async Task Read_only_calls_run_between_each_other_but_not_with_a_writing_one()
    {
        await using var silo = TestSilo.Start(typeof(TurnsGrain));
        var grain = silo.GrainFactory.GetGrain<ITurns>("a");
        var calls = new[] { grain.ReadUntilTwoReaders(), grain.ReadUntilTwoReaders(), grain.Write() };
        await Task.WhenAll(calls).WaitAsync(TestSilo.Patience);
        Assert.False(await grain.WriterRanWhileReading());
    }

    [Fact]
    public async Task Calls_of_a_reentrant_grain_run_between_each_other_one_turn_at_a_time()
    {
        await using var silo = TestSilo.Start(typeof(ReentrantGrain));
        var grain = silo.GrainFactory.GetGrain<IReentrant>("a");
        await Task.WhenAll(grain.WaitForTheOther(), grain.WaitForTheOther()).WaitAsync(TestSilo.Patience);
    }
}
