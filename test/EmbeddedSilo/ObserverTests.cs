using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>Notifications: in order, never in the sender's way, and to nobody who is gone.</summary>
public class ObserverTests
{
    public interface IListener : IGrainObserver
    {
        void Heard(int number);

        [OneWay]
        Task HeardOneWay(int number);

        Task<int> Ask(int number);
    }

    public interface ISender : IGrainWithStringKey
    {
        Task Send(IListener to, int count);

        Task<int> Ask(IListener whom);
    }

    public sealed class SenderGrain : Grain, ISender
    {
        public Task Send(IListener to, int count)
        {
            for (var number = 0; number < count; number++)
            {
                if (number % 2 == 0) to.Heard(number);
                else Assert.True(to.HeardOneWay(number).IsCompletedSuccessfully);
            }

            return Task.CompletedTask;
        }

        public Task<int> Ask(IListener whom) => whom.Ask(20);
    }

    public interface IListeningGrain : IGrainWithStringKey
    {
        Task Listen(string sender);

        Task<IReadOnlyList<int>> HeardUntilNow();

        Task<bool> IsSameReference(IListener other);

        Task Leave();
    }

    public sealed class ListeningGrain : Grain, IListeningGrain, IListener
    {
        private readonly List<int> _heard = [];
        private bool _listening;

        public async Task Listen(string sender)
        {
            // What is sent meanwhile waits for this call to end, as any call does.
            _listening = true;
            await GrainFactory.GetGrain<ISender>(sender).Send(this.AsReference<IListener>(), 10);
            await Task.Delay(20);
            Assert.Empty(_heard);
            _listening = false;
        }

        public Task<IReadOnlyList<int>> HeardUntilNow() => Task.FromResult<IReadOnlyList<int>>(_heard);

        public Task<bool> IsSameReference(IListener other) => Task.FromResult(this.AsReference<IListener>().Equals(other));

        public Task Leave()
        {
            DeactivateOnIdle();
            return Task.CompletedTask;
        }

        public void Heard(int number)
        {
            Assert.False(_listening);
            _heard.Add(number);
        }

        public Task HeardOneWay(int number)
        {
            Heard(number);
            return Task.CompletedTask;
        }

        public Task<int> Ask(int number) => Task.FromResult(number + 1);
    }

    private sealed class Listener(Func<int, Task>? onHeard = null) : IListener
    {
        private readonly Lock _gate = new();
        private readonly List<int> _heard = [];

        public IReadOnlyList<int> All
        {
            get
            {
                lock (_gate) return [.. _heard];
            }
        }

        public void Heard(int number)
        {
            lock (_gate) _heard.Add(number);
            if (onHeard?.Invoke(number) is { Exception.InnerException: { } exception }) throw exception;
        }

        public async Task HeardOneWay(int number)
        {
            lock (_gate) _heard.Add(number);
            if (onHeard is not null) await onHeard(number);
        }

        public Task<int> Ask(int number) => Task.FromResult(number + 1);
    }

    [Fact]
    public async Task Notifications_of_one_sender_arrive_in_order()
    {
        await using var silo = Start();
        var listener = new Listener(number => number % 7 == 1 ? Task.Delay(1) : Task.CompletedTask);
        var reference = silo.GrainFactory.CreateObjectReference<IListener>(listener);
        await silo.GrainFactory.GetGrain<ISender>("a").Send(reference, 300);
        await TestSilo.Until(() => listener.All.Count == 300);
        Assert.Equal(Enumerable.Range(0, 300), listener.All);
    }

    [Fact]
    public async Task An_observer_that_hangs_or_fails_does_not_touch_the_sender()
    {
        await using var silo = Start();
        var gate = new Gate();
        var listener = new Listener(number => number == 1 ? gate.Pass() : Task.FromException(new InvalidDataException("the observer's own trouble")));
        var reference = silo.GrainFactory.CreateObjectReference<IListener>(listener);
        var sender = silo.GrainFactory.GetGrain<ISender>("a");
        await sender.Send(reference, 10).WaitAsync(TestSilo.Patience);
        await gate.Reached;
        await sender.Send(reference, 10).WaitAsync(TestSilo.Patience);
        Assert.Equal([0, 1], listener.All);
        gate.Open();
        await TestSilo.Until(() => listener.All.Count == 20);
    }

    [Fact]
    public async Task An_observer_can_be_asked()
    {
        await using var silo = Start();
        var listener = new Listener();
        Assert.Equal(21, await silo.GrainFactory.GetGrain<ISender>("a").Ask(silo.GrainFactory.CreateObjectReference<IListener>(listener)));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task A_question_that_an_observer_does_not_answer_times_out()
    {
        await using var silo = Start(options => options.ResponseTimeout = TimeSpan.FromMilliseconds(100));
        var listener = new Listener(_ => new TaskCompletionSource().Task);
        var reference = silo.GrainFactory.CreateObjectReference<IListener>(listener);
        await reference.HeardOneWay(1);
        await Assert.ThrowsAsync<TimeoutException>(() => reference.Ask(1));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task An_observer_that_was_collected_hears_nothing_and_cannot_be_asked()
    {
        await using var silo = Start();
        var (reference, trace) = Forgotten(silo);
        await TestSilo.Until(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !trace.IsAlive;
        });
        await silo.GrainFactory.GetGrain<ISender>("a").Send(reference, 10);
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => silo.GrainFactory.GetGrain<ISender>("a").Ask(reference));
    }

    [Fact]
    public async Task An_observer_whose_reference_was_deleted_hears_nothing_more()
    {
        await using var silo = Start();
        var listener = new Listener();
        var reference = silo.GrainFactory.CreateObjectReference<IListener>(listener);
        Assert.Equal(2, await reference.Ask(1));
        silo.GrainFactory.DeleteObjectReference<IListener>(reference);
        reference.Heard(1);
        await reference.HeardOneWay(2);
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => reference.Ask(1));
        Assert.Empty(listener.All);
        Assert.Throws<ArgumentException>(() => silo.GrainFactory.DeleteObjectReference<IListener>(listener));
    }

    [Fact]
    public async Task A_grain_can_be_an_observer_and_hears_in_its_own_turns()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<IListeningGrain>("a");
        await grain.Listen("sender");
        Assert.Equal(Enumerable.Range(0, 10), await grain.HeardUntilNow());

        var asListener = grain.AsReference<IListener>();
        Assert.True(await grain.IsSameReference(asListener));
        await grain.Leave();
        asListener.Heard(99);
        Assert.Equal([99], await grain.HeardUntilNow());
    }

    [Fact]
    public async Task Only_an_object_that_is_no_grain_and_no_reference_becomes_an_observer()
    {
        await using var silo = Start();
        var listener = new Listener();
        var reference = silo.GrainFactory.CreateObjectReference<IListener>(listener);
        Assert.Throws<ArgumentException>(() => silo.GrainFactory.CreateObjectReference<IListener>(reference));
        Assert.Throws<ArgumentException>(() => silo.GrainFactory.CreateObjectReference<IListener>(new ListeningGrain()));
        var unwrapped = Assert.Throws<ArgumentException>(() => { _ = silo.GrainFactory.GetGrain<ISender>("a").Send(listener, 1); });
        Assert.Contains(nameof(IGrainFactory.CreateObjectReference), unwrapped.Message, StringComparison.Ordinal);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (IListener Reference, WeakReference Trace) Forgotten(EmbeddedSiloHost silo)
    {
        var listener = new Listener();
        return (silo.GrainFactory.CreateObjectReference<IListener>(listener), new WeakReference(listener));
    }

    private static EmbeddedSiloHost Start(Action<EmbeddedSiloOptions>? configure = null) =>
        TestSilo.Start(configure, typeof(SenderGrain), typeof(ListeningGrain));
}
