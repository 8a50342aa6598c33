using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Runtime;
using OrleansMesh.EmbeddedSilo.Turns;

namespace OrleansMesh.EmbeddedSilo;

/// <summary>Runs grains in this process. See <c>docs/adr/0001-embedded-silo-and-orleans.md</c> for what it keeps of Orleans.</summary>
public sealed class EmbeddedSiloHost : IHostedService, IAsyncDisposable, IDisposable
{
    private enum Stage
    {
        Running,
        Stopping,
        Stopped,
    }

    private readonly ConcurrentDictionary<GrainKey, Activation> _activations = new();
    private readonly ConcurrentDictionary<ObserverMailbox, bool> _observers = new();
    private readonly Lock _stopGate = new();
    private readonly Timer _sweeper;
    private volatile Stage _stage;
    private Task? _stopped;
    private ServiceProvider? _ownServices;

    /// <exception cref="InvalidOperationException">Two classes implement the same grain interface, or a grain cannot be called through its interface.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is not a time above zero.</exception>
    internal EmbeddedSiloHost(IServiceProvider services, EmbeddedSiloOptions options, IEnumerable<Assembly> assemblies)
    {
        options.Validate();
        Services = services;
        Options = options;
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Logger = services.GetService<ILoggerFactory>()?.CreateLogger("OrleansMesh.EmbeddedSilo") ?? NullLogger.Instance;
        GrainFactory = new GrainFactory(this, new GrainClasses(assemblies));

        var period = TimeSpan.FromTicks(Math.Min(Math.Min(options.ResponseTimeout.Ticks, options.CollectionAge.Ticks) / 4, TimeSpan.TicksPerSecond));
        if (period < TimeSpan.FromMilliseconds(1)) period = TimeSpan.FromMilliseconds(1);
        _sweeper = new Timer(static silo => ((EmbeddedSiloHost)silo!).Sweep(), this, period, period);
    }

    /// <summary>Gives references to this silo's grains, from any thread.</summary>
    public IGrainFactory GrainFactory { get; }

    /// <summary>How many grains are active now.</summary>
    public int ActiveGrains => Metrics.Activations;

    internal IServiceProvider Services { get; }

    internal EmbeddedSiloOptions Options { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal EmbeddedSiloMetrics Metrics { get; } = new();

    /// <summary>Whether the code that asks may call a grain: anyone until the silo stops, then only grains that still have calls to finish.</summary>
    internal bool AcceptsCalls => _stage switch
    {
        Stage.Running => true,
        Stage.Stopping => Mailbox.OfThisThread is Activation { FinishesCalls: true },
        _ => false,
    };

    /// <summary>Starts a silo without a host, over services of its own, which end with it.</summary>
    /// <param name="services">What grains are given; the silo adds itself and its <see cref="IGrainFactory"/>.</param>
    /// <param name="configure">Changes the options, or null.</param>
    /// <param name="grainAssemblies">The assemblies whose grain classes it runs.</param>
    /// <exception cref="InvalidOperationException">Two classes implement the same grain interface, or a grain cannot be called through its interface.</exception>
    public static EmbeddedSiloHost Start(IServiceCollection services, Action<EmbeddedSiloOptions>? configure, params Assembly[] grainAssemblies)
    {
        var provider = services.AddEmbeddedSilo(configure, grainAssemblies).BuildServiceProvider();
        try
        {
            var silo = provider.GetRequiredService<EmbeddedSiloHost>();
            silo._ownServices = provider;
            return silo;
        }
        catch
        {
            provider.Dispose();
            throw;
        }
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Refuses new calls with <see cref="SiloUnavailableException"/>, lets those that were sent finish, among them the calls that they make
    /// in turn, and deactivates every grain. If cancelled first, or after the time-outs
    /// of a call and a deactivation together, it lets go of what is left, says so in the log and ends the waiting of its callers.
    /// </summary>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        lock (_stopGate) return _stopped ??= StopOnceAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Dispose();
        if (Interlocked.Exchange(ref _ownServices, null) is { } services) await services.DisposeAsync();
    }

    /// <summary>Ends the silo at once; <see cref="StopAsync"/> first for a clean end.</summary>
    public void Dispose()
    {
        _stage = Stage.Stopped;
        _sweeper.Dispose();
        Metrics.Dispose();
    }

    internal Activation ActivationOf(GrainKey key) =>
        _activations.GetOrAdd(key, static (key, silo) => new Activation(silo, key), this);

    /// <summary>An activation has closed: puts its successor, or nothing, in its place.</summary>
    internal void Replace(GrainKey key, Activation closed, Activation? successor)
    {
        if (successor is null) _activations.TryRemove(KeyValuePair.Create(key, closed));
        else _activations[key] = successor;
    }

    internal void Watch(ObserverMailbox observer) => _observers[observer] = true;

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        _stage = Stage.Stopping;
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is stopping.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Options.ResponseTimeout + Options.DeactivationTimeout);
        try
        {
            // Again and again, since calls that have to finish may activate grains.
            while (!_activations.IsEmpty)
            {
                var activations = _activations.Values;
                foreach (var activation in activations) activation.Deactivate(reason);
                await Task.WhenAll(activations.Select(activation => activation.Closed)).WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Logger.LogWarning("The silo had to stop before {Count} grains were done", _activations.Count);
        }

        _stage = Stage.Stopped;
        await _sweeper.DisposeAsync();
        foreach (var activation in _activations.Values) activation.ExpireCallsSentBefore(long.MaxValue, Options.ResponseTimeout);
        foreach (var observer in _observers.Keys) observer.ExpireCallsSentBefore(long.MaxValue, Options.ResponseTimeout);
    }

    /// <summary>Ends the waiting of callers that waited too long, and the life of grains that nobody uses.</summary>
    private void Sweep()
    {
        var now = Environment.TickCount64;
        var sentBefore = now - (long)Options.ResponseTimeout.TotalMilliseconds;
        var unusedSince = now - (long)Options.CollectionAge.TotalMilliseconds;
        foreach (var (_, activation) in _activations)
        {
            activation.ExpireCallsSentBefore(sentBefore, Options.ResponseTimeout);
            activation.DeactivateIfUnusedSince(unusedSince);
        }

        foreach (var (observer, _) in _observers)
        {
            observer.ExpireCallsSentBefore(sentBefore, Options.ResponseTimeout);
            if (observer.IsGone && observer.HasNothingToDo) _observers.TryRemove(observer, out _);
        }
    }
}
