using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;

namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>A grain's life: made by its first call, ended when unused or on its own wish, made again by the next call.</summary>
public class ActivationTests
{
    public interface ILife : IGrainWithStringKey
    {
        Task<string> Key();

        Task<Guid> Activation();

        Task<Guid> ActivationAfter(string gate);

        Task Note(int number);

        Task Stay(TimeSpan time);

        Task Leave();

        [AlwaysInterleave]
        Task LeaveAtOnce();
    }

    public sealed class Gates
    {
        public Gate Calls { get; } = new();

        public Gate Deactivation { get; } = new();

        public bool HoldDeactivation { get; set; }
    }

    public sealed class Scoped(Journal journal) : IDisposable
    {
        public void Dispose() => journal.Write("scope ended");
    }

    public sealed class LifeGrain(Journal journal, Gates gates, Scoped scoped) : Grain, ILife, IDisposable
    {
        private readonly Guid _activation = Guid.NewGuid();

        public override Task OnActivateAsync(CancellationToken cancellationToken)
        {
            journal.Write($"activated {this.GetPrimaryKeyString()}");
            return Task.CompletedTask;
        }

        public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        {
            Assert.Same(scoped, ServiceProvider.GetRequiredService<Scoped>());
            if (gates.HoldDeactivation) await gates.Deactivation.Pass();
            journal.Write($"deactivated {this.GetPrimaryKeyString()} {reason.ReasonCode}");
        }

        public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

        public Task<Guid> Activation() => Task.FromResult(_activation);

        public async Task<Guid> ActivationAfter(string gate)
        {
            await gates.Calls.Pass();
            return _activation;
        }

        public Task Note(int number)
        {
            journal.Write($"note {number}");
            return Task.CompletedTask;
        }

        public Task Stay(TimeSpan time)
        {
            DelayDeactivation(time);
            return Task.CompletedTask;
        }

        public Task Leave()
        {
            DeactivateOnIdle();
            return Task.CompletedTask;
        }

        public Task LeaveAtOnce() => Leave();

        public void Dispose() => journal.Write("disposed");
    }

    public interface IFailing : IGrainWithStringKey
    {
        Task Hello();
    }

    public sealed class Failure
    {
        public Exception? InConstructor { get; set; }

        public Exception? InActivation { get; set; }

        public bool Hangs { get; set; }
    }

    public sealed class FailingGrain : Grain, IFailing
    {
        private readonly Failure _failure;

        public FailingGrain(Failure failure)
        {
            _failure = failure;
            if (failure.InConstructor is { } exception) throw exception;
        }

        public override async Task OnActivateAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(_failure.Hangs ? Timeout.Infinite : 20, CancellationToken.None);
            if (_failure.InActivation is { } exception) throw exception;
        }

        public Task Hello() => Task.CompletedTask;
    }

    private readonly Journal _journal = new();
    private readonly Gates _gates = new();

    [Fact]
    public async Task The_first_call_activates_a_grain_once()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ILife>("a/b");
        Assert.Equal(0, silo.ActiveGrains);
        var activations = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => silo.GrainFactory.GetGrain<ILife>("a/b").Activation())));
        Assert.Single(activations.Distinct());
        Assert.Equal(1, silo.ActiveGrains);
        Assert.Equal("a/b", await grain.Key());
        Assert.Equal("a/b", grain.GetPrimaryKeyString());
        Assert.NotEqual(activations[0], await silo.GrainFactory.GetGrain<ILife>("c").Activation());
        Assert.Equal(2, silo.ActiveGrains);
    }

    [Fact]
    public async Task A_grain_that_asks_to_leave_is_replaced_at_the_next_call_and_its_services_end()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ILife>("a");
        var first = await grain.Activation();
        await grain.Leave();
        Assert.NotEqual(first, await grain.Activation());
        Assert.Equal(["activated a", "deactivated a ApplicationRequested", "disposed", "scope ended", "activated a"], _journal.Entries);
    }

    [Fact]
    public async Task A_running_call_ends_before_its_grain_deactivates()
    {
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ILife>("a");
        var first = await grain.Activation();
        var running = grain.ActivationAfter("calls");
        await _gates.Calls.Reached;
        await grain.LeaveAtOnce();
        var next = grain.Activation();
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(30)));
        Assert.DoesNotContain("deactivated a ApplicationRequested", _journal.Entries);
        _gates.Calls.Open();
        Assert.Equal(first, await running);
        Assert.NotEqual(first, await next.WaitAsync(TestSilo.Patience));
    }

    [Fact]
    public async Task Calls_that_come_while_a_grain_deactivates_go_in_order_to_the_next_activation()
    {
        _gates.HoldDeactivation = true;
        await using var silo = Start();
        var grain = silo.GrainFactory.GetGrain<ILife>("a");
        await grain.Leave();
        await _gates.Deactivation.Reached;
        var waiting = Enumerable.Range(0, 20).Select(grain.Note).ToArray();
        Assert.NotSame(waiting[0], await Task.WhenAny(waiting[0], Task.Delay(30)));
        _gates.HoldDeactivation = false;
        _gates.Deactivation.Open();
        await Task.WhenAll(waiting).WaitAsync(TestSilo.Patience);
        Assert.Equal(
            ["activated a", "deactivated a ApplicationRequested", "disposed", "scope ended", "activated a", .. Enumerable.Range(0, 20).Select(number => $"note {number}")],
            _journal.Entries);
    }

    [Fact]
    public async Task A_grain_that_asks_to_stay_is_not_collected_before_it_takes_that_back()
    {
        await using var silo = Start(options => options.CollectionAge = TimeSpan.FromMilliseconds(50));
        var grain = silo.GrainFactory.GetGrain<ILife>("stays");
        await grain.Stay(TimeSpan.MaxValue);
        await silo.GrainFactory.GetGrain<ILife>("goes").Key();
        await TestSilo.Until(() => _journal.Entries.Contains("deactivated goes ActivationIdle"));
        await silo.GrainFactory.GetGrain<ILife>("goes too").Key();
        await TestSilo.Until(() => _journal.Entries.Contains("deactivated goes too ActivationIdle"));
        Assert.DoesNotContain("deactivated stays ActivationIdle", _journal.Entries);

        await grain.Stay(TimeSpan.Zero);
        await TestSilo.Until(() => _journal.Entries.Contains("deactivated stays ActivationIdle"));
    }

    [Fact]
    public async Task A_grain_that_nothing_calls_is_collected_and_one_that_serves_a_call_is_not()
    {
        await using var silo = Start(options => options.CollectionAge = TimeSpan.FromMilliseconds(50));
        var busy = silo.GrainFactory.GetGrain<ILife>("busy");
        var running = busy.ActivationAfter("calls");
        await _gates.Calls.Reached;
        await silo.GrainFactory.GetGrain<ILife>("idle").Key();
        await TestSilo.Until(() => _journal.Entries.Contains("deactivated idle ActivationIdle"));
        Assert.DoesNotContain("deactivated busy ActivationIdle", _journal.Entries);
        _gates.Calls.Open();
        await running;
        await TestSilo.Until(() => _journal.Entries.Contains("deactivated busy ActivationIdle"));
        await TestSilo.Until(() => silo.ActiveGrains == 0);
    }

    [Fact]
    public async Task A_failed_activation_fails_its_calls_with_its_exception_and_the_next_call_tries_again()
    {
        var failure = new Failure { InActivation = new InvalidDataException("The stream does not replay.") };
        await using var silo = TestSilo.Start(services => services.AddSingleton(failure), null, typeof(FailingGrain));
        var grain = silo.GrainFactory.GetGrain<IFailing>("a");
        var calls = new[] { grain.Hello(), grain.Hello(), grain.Hello() };
        foreach (var call in calls) Assert.Same(failure.InActivation, await Assert.ThrowsAsync<InvalidDataException>(() => call));
        Assert.Equal(0, silo.ActiveGrains);

        failure.InConstructor = new FormatException("not this");
        Assert.Same(failure.InConstructor, await Assert.ThrowsAsync<FormatException>(grain.Hello));

        failure.InActivation = failure.InConstructor = null;
        await grain.Hello();
        Assert.Equal(1, silo.ActiveGrains);
    }

    [Fact]
    public async Task An_activation_that_takes_too_long_fails_its_calls()
    {
        await using var silo = TestSilo.Start(
            services => services.AddSingleton(new Failure { Hangs = true }), options => options.ActivationTimeout = TimeSpan.FromMilliseconds(1), typeof(FailingGrain));
        var exception = await Assert.ThrowsAsync<TimeoutException>(silo.GrainFactory.GetGrain<IFailing>("a").Hello);
        Assert.Contains("OnActivateAsync of FailingGrain/a", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_grain_made_by_hand_says_that_it_has_no_silo()
    {
        using var grain = new LifeGrain(_journal, _gates, new Scoped(_journal));
        Assert.Contains("not made by a silo", Assert.Throws<InvalidOperationException>(() => grain.GetPrimaryKeyString()).Message, StringComparison.Ordinal);
    }

    private EmbeddedSiloHost Start(Action<EmbeddedSiloOptions>? configure = null) => TestSilo.Start(
        services => services.AddSingleton(_journal).AddSingleton(_gates).AddScoped<Scoped>(), configure, typeof(LifeGrain));
}
