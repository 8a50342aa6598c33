using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.EventSourcing;

/// <summary>
/// A grain whose state is the fold of one stream's events. An append is conditional on the stream's version, so a second activation of the same
/// grain, in another silo, is safe: whoever loses reads what the other appended and decides again. What the other appends, the grain hears of by
/// <see cref="ActiveStreams"/>.
/// </summary>
/// <remarks>The stream's name is <c>{prefix}/{the grain's key}</c>. A stream that fails to replay fails the activation.</remarks>
public abstract class EventSourcedGrain<TState, TEvent>(string streamPrefix, TState empty, EventSourcedGrainServices services, ILogger logger)
    : Grain, IStreamFollower
    where TState : class
    where TEvent : class
{
    /// <summary>Raised when a state's JSON changes its form: older snapshots are then passed over.</summary>
    private const int SnapshotSchema = 3;

    /// <summary>A grain that appends without a pause wins over one that has to read first, again and again, but not for so long.</summary>
    private static readonly TimeSpan LongestContention = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(20);

    private long _snapshotVersion;
    private ActiveStream? _active;

    // Not null while the stream may hold events that the state lacks: catches up even if nothing is ever decided again, since events that were
    // stored although their append failed still have to be notified.
    private IGrainTimer? _behind;

    /// <summary>The state after the event of <see cref="Version"/>.</summary>
    protected TState State { get; private set; } = empty;

    /// <summary>How many events of the stream are in <see cref="State"/>.</summary>
    protected long Version { get; private set; }

    protected string Stream { get; private set; } = "";

    protected IEventStore Store => services.Store;

    protected TimeProvider Time => services.Time;

    protected GrainOptions Options => services.Options;

    protected ILogger Logger => logger;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Stream = $"{streamPrefix}/{this.GetPrimaryKeyString()}";

        // Before the stream is read, so that what is appended meanwhile is heard of.
        _active = services.Streams.Add(Stream, this.AsReference<IStreamFollower>());
        try
        {
            if (await ReadSnapshotAsync(cancellationToken) is { } snapshot)
            {
                Become(snapshot.State, snapshot.Version);
                _snapshotVersion = snapshot.Version;
            }

            await foreach (var recorded in Store.ReadStreamAsync(Stream, Version, cancellationToken))
                Include(recorded);

            // A log that was imported has none, and one of another form is of no use: the next activation need not read it all again.
            await SaveSnapshotAsync();
        }
        catch
        {
            services.Streams.Remove(_active);
            throw;
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_active is not null)
            services.Streams.Remove(_active);
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    public async Task StreamGrew()
    {
        if (!_active!.Answers())
            return;
        try
        {
            await CatchUpAsync();
        }
        catch
        {
            FallBehind();
            throw;
        }
    }

    /// <summary>The state after one more event. Pure.</summary>
    protected abstract TState Evolve(TState state, TEvent happened);

    /// <summary>Events were added to <see cref="State"/>, whoever appended them. Not called for what an activation reads.</summary>
    /// <param name="before">The state before the first of them.</param>
    /// <param name="caller">On whose behalf they were decided.</param>
    protected virtual Task OnAppliedAsync(TState before, IReadOnlyList<TEvent> events, Caller caller) => Task.CompletedTask;

    /// <summary>Events were added that this activation did not append: what it did elsewhere on the strength of what it knew may hold no more.</summary>
    protected virtual Task OnCaughtUpAsync() => Task.CompletedTask;

    /// <summary>Decides, appends what was decided, and adds it to the state.</summary>
    /// <param name="mayBeLate">Whether that nothing is to be done may be said by what the grain knows, although another silo may have appended to the stream a
    /// moment ago: for what is asked often, and is asked again when the grain hears of it.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be written now; whether the events were stored is found out before the
    /// next decision, and soon where there is none.</exception>
    /// <exception cref="WrongExpectedVersionException">Others kept appending to the stream.</exception>
    protected async Task<CommandResult> DecideAsync(Func<TState, Decision<TEvent>> decide, Caller caller, bool mayBeLate = false)
    {
        ArgumentNullException.ThrowIfNull(decide);
        ArgumentNullException.ThrowIfNull(caller);
        var began = Stopwatch.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            if (_behind is not null)
                await CatchUpAsync();
            var decision = decide(State);
            if (decision.Events.Count == 0)
            {
                // An append would be refused if the state were not the newest; where there is none, the stream has to be asked.
                if (Options.SharesLog && !mayBeLate && await CatchUpAsync())
                    continue;
                return new CommandResult(decision.Outcome, 0, decision.Problems);
            }

            try
            {
                var context = new EventContext(caller.Actor, Time.GetUtcNow(), caller.Cause);
                var appended = await Store.AppendAsync([new StreamAppend(Stream, Version, [.. decision.Events.Select(e => Encode(e, context))])]);
                await ApplyAsync(decision.Events, caller);
                return new CommandResult(decision.Outcome, appended.Position);
            }
            catch (WrongExpectedVersionException conflict) when (Stopwatch.GetElapsedTime(began) < LongestContention)
            {
                logger.LogDebug("Stream {Stream} is at {Actual}, not at {Expected}: deciding again", Stream, conflict.Actual, conflict.Expected);
                FallBehind();
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * Math.Min(attempt - 1, LongestPause.TotalMilliseconds)));
            }
            catch
            {
                FallBehind();
                throw;
            }
        }
    }

    /// <summary>Keeps this activation from being collected as idle, for as long as somebody is to be notified by it.</summary>
    protected void StayActive(bool stay) => DelayDeactivation(stay ? TimeSpan.MaxValue : TimeSpan.Zero);

    private static NewEvent Encode(TEvent decided, EventContext context)
    {
        var (type, data) = EventCodec.Encode(decided);
        return new NewEvent(type, data, context);
    }

    private TEvent Include(RecordedEvent recorded)
    {
        if (recorded.Version != Version + 1)
            throw new UnreadableEventException($"stream '{Stream}' goes from version {Version} to {recorded.Version}");
        var happened = EventCodec.Decode(recorded.Type, recorded.Data.Span) as TEvent
            ?? throw new UnreadableEventException($"stream '{Stream}', version {recorded.Version}: '{recorded.Type}' is not one of its event types");
        Become(Evolve(State, happened), recorded.Version);
        return happened;
    }

    private void Become(TState state, long version)
    {
        State = state;
        Version = version;
        _active!.Applied = version;
    }

    private void FallBehind()
        => _behind ??= this.RegisterGrainTimer(() => CatchUpAsync(), new GrainTimerCreationOptions(Options.RetryDelay, Options.RetryDelay) { KeepAlive = true });

    /// <summary>Adds to the state what the stream holds and the state lacks.</summary>
    /// <returns>Whether there was something.</returns>
    private async Task<bool> CatchUpAsync()
    {
        // All of it first: what is added to the state and then not followed up, as when the read breaks off, would never be.
        List<RecordedEvent> recorded = [];
        await foreach (var next in Store.ReadStreamAsync(Stream, Version))
            recorded.Add(next);
        var before = State;
        var missed = recorded.ConvertAll(Include);
        _behind?.Dispose();
        _behind = null;
        if (recorded is not [.., { Context: var context }])
            return false;
        await FollowUpAsync(async () =>
        {
            await OnAppliedAsync(before, missed, new Caller(context.Actor, context.Cause));
            await OnCaughtUpAsync();
        });
        return true;
    }

    private async Task ApplyAsync(ValueList<TEvent> events, Caller caller)
    {
        var before = State;
        Become(events.Aggregate(State, Evolve), Version + events.Count);
        await SaveSnapshotAsync();
        await FollowUpAsync(() => OnAppliedAsync(before, events, caller));
    }

    // The events are durable, so what follows from them may be late but can no longer make the command fail.
    private async Task FollowUpAsync(Func<Task> follow)
    {
        try
        {
            await follow();
        }
        catch (Exception e)
        {
            logger.LogError(e, "What follows from the events of stream {Stream} up to version {Version} was not done", Stream, Version);
        }
    }

    private async Task SaveSnapshotAsync()
    {
        if (Version - _snapshotVersion < Options.SnapshotInterval)
            return;
        try
        {
            await Store.SaveSnapshotAsync(new StreamSnapshot(
                Stream, Version, SnapshotSchema, JsonSerializer.SerializeToUtf8Bytes(State, DomainJson.Options)));
            _snapshotVersion = Version;
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "No snapshot of stream {Stream} was kept at version {Version}", Stream, Version);
        }
    }

    private async Task<(TState State, long Version)?> ReadSnapshotAsync(CancellationToken cancellationToken)
    {
        if (await Store.ReadSnapshotAsync(Stream, SnapshotSchema, cancellationToken) is not { } snapshot)
            return null;
        try
        {
            var state = JsonSerializer.Deserialize<TState>(snapshot.Data.Span, DomainJson.Options)
                ?? throw new JsonException("expected a state, not null");
            return (state, snapshot.Version);
        }
        catch (JsonException e)
        {
            logger.LogWarning(e, "The snapshot of stream {Stream} at version {Version} cannot be read: replaying its events", Stream, snapshot.Version);
            return null;
        }
    }
}
