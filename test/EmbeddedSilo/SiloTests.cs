using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;

namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>Start, stop and what can be seen of a silo from outside.</summary>
public class SiloTests
{
    public interface IWork : IGrainWithStringKey
    {
        Task<string> Work();

        Task Helped();

        Task Hello();
    }

    public sealed class WorkGrain(Journal journal, Gate gate) : Grain, IWork
    {
        public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        {
            journal.Write($"deactivated {this.GetPrimaryKeyString()} {reason.ReasonCode}");
            return Task.CompletedTask;
        }

        public async Task<string> Work()
        {
            await gate.Pass();
            await GrainFactory.GetGrain<IWork>("helper").Helped();
            return "done";
        }

        public Task Helped()
        {
            journal.Write("helped");
            return Task.CompletedTask;
        }

        public Task Hello() => Task.CompletedTask;
    }

    public interface IShared : IGrainWithStringKey;

    public interface IFirst : IShared;

    public interface ISecond : IShared;

    public sealed class FirstGrain : Grain, IFirst;

    public sealed class AnotherFirstGrain : Grain, IFirst;

    public sealed class SecondGrain : Grain, ISecond;

    public sealed class GrainOfNothing : Grain;

    public interface IKeyless : IGrain;

    public sealed class KeylessGrain : Grain, IKeyless;

    public interface ISynchronous : IGrainWithStringKey
    {
        int Count();
    }

    public sealed class SynchronousGrain : Grain, ISynchronous
    {
        public int Count() => 0;
    }

    public interface IGeneric : IGrainWithStringKey
    {
        Task Take<T>(T value);
    }

    public sealed class GenericGrain : Grain, IGeneric
    {
        public Task Take<T>(T value) => Task.CompletedTask;
    }

    private readonly Journal _journal = new();
    private readonly Gate _gate = new();

    [Theory]
    [InlineData("IFirst", typeof(FirstGrain), typeof(AnotherFirstGrain))]
    [InlineData("GrainOfNothing", typeof(GrainOfNothing))]
    [InlineData("IKeyless", typeof(KeylessGrain))]
    [InlineData("ISynchronous.Count returns System.Int32", typeof(SynchronousGrain))]
    [InlineData("IGeneric.Take is generic", typeof(GenericGrain))]
    public void What_cannot_be_run_is_refused_at_start(string named, params Type[] grains) =>
        Assert.Contains(named, Assert.Throws<InvalidOperationException>(() => TestSilo.Start(grains)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task An_interface_that_grain_interfaces_share_is_allowed_but_gets_no_grain()
    {
        await using var silo = TestSilo.Start(typeof(FirstGrain), typeof(SecondGrain));
        Assert.NotEqual<IGrain>(silo.GrainFactory.GetGrain<IFirst>("a"), silo.GrainFactory.GetGrain<ISecond>("a"));
        Assert.Throws<ArgumentException>(() => silo.GrainFactory.GetGrain<IShared>("a"));
        Assert.NotNull(silo.GrainFactory.GetGrain<IShared>("a", typeof(SecondGrain).FullName));
        Assert.Throws<ArgumentException>(() => silo.GrainFactory.GetGrain<IWork>("a"));
        Assert.Throws<ArgumentException>(() => silo.GrainFactory.GetGrain<IFirst>(""));
    }

    [Fact]
    public void A_time_that_is_not_above_zero_is_refused_by_name() =>
        Assert.Equal("CollectionAge", Assert.Throws<ArgumentOutOfRangeException>(() => TestSilo.Start(options => options.CollectionAge = TimeSpan.Zero)).ParamName);

    [Fact]
    public async Task A_stop_lets_running_calls_finish_refuses_new_ones_and_deactivates_all()
    {
        var silo = Start();
        var worker = silo.GrainFactory.GetGrain<IWork>("worker");
        var working = worker.Work();
        var queued = worker.Hello();
        await _gate.Reached;
        await silo.GrainFactory.GetGrain<IWork>("idle").Hello();

        var stopping = silo.StopAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(worker.Hello);
        Assert.False(stopping.IsCompleted);
        _gate.Open();
        Assert.Equal("done", await working);
        await queued;
        await stopping.WaitAsync(TestSilo.Patience);

        Assert.Equal(0, silo.ActiveGrains);
        Assert.Equal(
            ["deactivated helper ShuttingDown", "deactivated idle ShuttingDown", "deactivated worker ShuttingDown", "helped"],
            _journal.Entries.Order(StringComparer.Ordinal));
        await Assert.ThrowsAsync<SiloUnavailableException>(worker.Hello);
        await silo.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_that_is_cut_short_leaves_no_caller_waiting()
    {
        await using var silo = Start();
        var stuck = silo.GrainFactory.GetGrain<IWork>("a").Work();
        await _gate.Reached;
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await silo.StopAsync(now.Token).WaitAsync(TestSilo.Patience);
        await Assert.ThrowsAsync<TimeoutException>(() => stuck.WaitAsync(TestSilo.Patience));
    }

    [Fact]
    public async Task A_host_starts_and_stops_its_silo()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(_journal).AddSingleton(_gate).AddEmbeddedSilo(null, new TestSilo.OnlyThese(typeof(WorkGrain)));
        using var host = builder.Build();
        await host.StartAsync();
        var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IWork>("a");
        await grain.Hello();
        Assert.Equal(1, host.Services.GetRequiredService<EmbeddedSiloHost>().ActiveGrains);
        await host.StopAsync();
        Assert.Equal(["deactivated a ShuttingDown"], _journal.Entries);
        await Assert.ThrowsAsync<SiloUnavailableException>(grain.Hello);
    }

    [Fact]
    public async Task A_host_with_a_grain_that_cannot_be_run_does_not_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddEmbeddedSilo(null, new TestSilo.OnlyThese(typeof(GenericGrain)));
        using var host = builder.Build();
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());
    }

    [Fact]
    public async Task Calls_and_active_grains_are_measured()
    {
        var calls = 0L;
        var active = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "OrleansMesh.EmbeddedSilo") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Interlocked.Add(ref calls, instrument.Name == "embedded_silo.calls" ? value : 0));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Interlocked.Add(ref active, instrument.Name == "embedded_silo.activations" ? value : 0));
        listener.Start();

        await using var silo = Start();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(key => silo.GrainFactory.GetGrain<IWork>($"{key}").Hello()));
        listener.RecordObservableInstruments();

        // Other tests' silos are measured too.
        Assert.True(Interlocked.Read(ref calls) >= 30);
        Assert.True(Interlocked.Read(ref active) >= 30);
    }

    private EmbeddedSiloHost Start() => TestSilo.Start(services => services.AddSingleton(_journal).AddSingleton(_gate), null, typeof(WorkGrain));
}
