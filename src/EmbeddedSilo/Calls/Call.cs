using Microsoft.Extensions.Logging;
using OrleansMesh.EmbeddedSilo.Turns;

namespace OrleansMesh.EmbeddedSilo.Calls;

/// <summary>One call on its way to its target.</summary>
internal abstract class Call(CallMethod method, ICallTarget target, object?[] arguments) : WorkItem
{
    protected ICallTarget Target => target;

    public override bool AlwaysInterleave => method.AlwaysInterleave;

    public override bool ReadOnly => method.ReadOnly;

    public override Task Run(object target) => method.Invoke(target, arguments);

    public override string ToString() => $"{method} of {target}";
}

/// <summary>A call whose caller waits, though not for ever.</summary>
internal abstract class AnsweredCall(CallMethod method, ICallTarget target, object?[] arguments) : Call(method, target, arguments)
{
    private readonly long _sent = Environment.TickCount64;

    public override void ExpireIfSentBefore(long time, TimeSpan limit)
    {
        if (_sent < time && !IsAbandoned) Refuse(new TimeoutException($"The call {this} was not answered within {limit}."));
    }
}

/// <summary>A call whose caller waits for a value.</summary>
internal sealed class ResultCall<T>(CallMethod method, ICallTarget target, object?[] arguments) : AnsweredCall(method, target, arguments)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Result => _answer.Task;

    public override bool IsAbandoned => _answer.Task.IsCompleted;

    public override void Complete(Task outcome)
    {
        if (outcome is Task<T> result) _answer.TrySetFromTask(result);
        else _answer.TrySetException(outcome.Exception!.InnerExceptions);
    }

    public override void Refuse(Exception reason) => _answer.TrySetException(reason);
}

/// <summary>A call whose caller waits for it to end.</summary>
internal sealed class CompletionCall(CallMethod method, ICallTarget target, object?[] arguments) : AnsweredCall(method, target, arguments)
{
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Completion => _answer.Task;

    public override bool IsAbandoned => _answer.Task.IsCompleted;

    public override void Complete(Task outcome) => _answer.TrySetFromTask(outcome);

    public override void Refuse(Exception reason) => _answer.TrySetException(reason);
}

/// <summary>A call whose caller waits for nothing, so that its failure is only logged.</summary>
internal sealed class OneWayCall(CallMethod method, ICallTarget target, object?[] arguments) : Call(method, target, arguments)
{
    public override void Complete(Task outcome)
    {
        if (outcome.Exception?.InnerException is { } exception) Refuse(exception);
    }

    public override void Refuse(Exception reason) => Target.Silo.Logger.LogWarning(reason, "The one-way call {Call} failed", this);
}
