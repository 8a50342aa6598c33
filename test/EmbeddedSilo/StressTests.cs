using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;

namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>Thousands of grains that come and go under load: no call is lost, doubled or overtaken, and a grain never lives twice at once.</summary>
[Trait("Category", "Slow")]
public class StressTests
{
    private const int Grains = 3_000;
    private const int Callers = 8;
    private const int CallsPerCaller = 60_000;

    /// <summary>What grains saw, kept outside them since they come and go.</summary>
    public sealed class Ledger
    {
        private readonly ConcurrentDictionary<string, int> _alive = new();
        private int _activations;

        public ConcurrentDictionary<(string Grain, int Caller), int> Last { get; } = new();

        public ConcurrentQueue<string> Wrong { get; } = new();

        public int Activations => _activations;

        public void Born(string grain)
        {
            Interlocked.Increment(ref _activations);
            if (_alive.AddOrUpdate(grain, 1, (_, alive) => alive + 1) != 1) Wrong.Enqueue($"{grain} lives twice");
        }

        public void Died(string grain) => _alive.AddOrUpdate(grain, 0, (_, alive) => alive - 1);
    }

    public interface ICounted : IGrainWithStringKey
    {
        Task<int> Count(int caller, int number, bool slowly, bool leave);

        [OneWay]
        Task CountOneWay(int caller, int number);
    }

    public sealed class CountedGrain(Ledger ledger) : Grain, ICounted
    {
        private int _running;

        public override async Task OnActivateAsync(CancellationToken cancellationToken)
        {
            ledger.Born(this.GetPrimaryKeyString());
            await Task.Yield();
        }

        public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        {
            await Task.Yield();
            ledger.Died(this.GetPrimaryKeyString());
        }

        public async Task<int> Count(int caller, int number, bool slowly, bool leave)
        {
            Enter(caller, number);
            if (leave) DeactivateOnIdle();
            if (slowly) await Task.Yield();
            _running--;
            return number;
        }

        public Task CountOneWay(int caller, int number)
        {
            Enter(caller, number);
            _running--;
            return Task.CompletedTask;
        }

        private void Enter(int caller, int number)
        {
            var key = this.GetPrimaryKeyString();
            if (++_running != 1) ledger.Wrong.Enqueue($"{key} runs {_running} calls");
            var last = ledger.Last.GetValueOrDefault((key, caller), -1);
            if (number != last + 1) ledger.Wrong.Enqueue($"{key} got call {number} of caller {caller} after {last}");
            ledger.Last[(key, caller)] = number;
        }
    }

    [Fact]
    public async Task No_call_is_lost_or_reordered_while_grains_come_and_go()
    {
        var ledger = new Ledger();
        await using var silo = TestSilo.Start(
            services => services.AddSingleton(ledger), options => options.CollectionAge = TimeSpan.FromMilliseconds(20), typeof(CountedGrain));

        var sent = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => SendAsync(silo, caller))));

        // One-way calls may still be on their way; a stop lets them finish.
        await silo.StopAsync().WaitAsync(TestSilo.Patience);
        Assert.Empty(ledger.Wrong);
        Assert.Equal(Callers * CallsPerCaller, sent.Sum(numbers => numbers.Sum()));
        for (var caller = 0; caller < Callers; caller++)
        {
            for (var grain = 0; grain < Grains; grain++)
                Assert.Equal(sent[caller][grain], ledger.Last.GetValueOrDefault(($"{grain}", caller), -1) + 1);
        }

        Assert.True(ledger.Activations > 2 * Grains, $"Only {ledger.Activations} activations: grains hardly came and went.");
        Assert.Equal(0, silo.ActiveGrains);
    }

    private static async Task<int[]> SendAsync(EmbeddedSiloHost silo, int caller)
    {
        var random = new Random(caller);
        var next = new int[Grains];
        var waiting = new List<Task<int>>();
        for (var call = 0; call < CallsPerCaller;)
        {
            var grain = random.Next(4) == 0 ? random.Next(20) : random.Next(Grains);
            var reference = silo.GrainFactory.GetGrain<ICounted>($"{grain}");
            for (var burst = random.Next(1, 6); burst > 0 && call < CallsPerCaller; burst--, call++)
            {
                var number = next[grain]++;
                if (random.Next(5) == 0) await reference.CountOneWay(caller, number);
                else waiting.Add(reference.Count(caller, number, slowly: random.Next(3) == 0, leave: random.Next(10) == 0));
            }

            if (waiting.Count < 100) continue;
            await Task.WhenAll(waiting).WaitAsync(TestSilo.Patience);
            waiting.Clear();
        }

        await Task.WhenAll(waiting).WaitAsync(TestSilo.Patience);
        return next;
    }
}
