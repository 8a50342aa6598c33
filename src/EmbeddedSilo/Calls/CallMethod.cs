using System.Reflection;
using Orleans;
using Orleans.Concurrency;

namespace OrleansMesh.EmbeddedSilo.Calls;

/// <summary>A method that can be called through a reference: what it promises, and how to send a call and give back its answer.</summary>
internal abstract class CallMethod(MethodInfo method)
{
    private readonly MethodInvoker _invoker = MethodInvoker.Create(method);

    public bool AlwaysInterleave { get; } = method.IsDefined(typeof(AlwaysInterleaveAttribute));

    public bool ReadOnly { get; } = method.IsDefined(typeof(ReadOnlyAttribute));

    /// <exception cref="ArgumentException">The method is generic, passes by reference, or returns something else than a task.</exception>
    public static CallMethod Of(MethodInfo method)
    {
        var returned = method.ReturnType;
        if (method.IsGenericMethod) throw Unfit(method, "is generic");
        if (method.IsSpecialName) throw Unfit(method, "belongs to a property or an event");
        if (method.GetParameters().Any(parameter => parameter.ParameterType.IsByRef)) throw Unfit(method, "has a parameter that is passed by reference");
        if (method.IsDefined(typeof(OneWayAttribute)) || returned == typeof(void))
        {
            if (returned == typeof(void) && !typeof(IGrainObserver).IsAssignableFrom(method.DeclaringType)) throw Unfit(method, "returns nothing, as only an observer's may");
            if (returned.IsGenericType) throw Unfit(method, "is one-way and returns a value");
        }

        if (returned == typeof(void)) return new OneWayMethod(method, null);
        if (returned != typeof(Task) && returned != typeof(ValueTask)
            && !(returned.IsGenericType && (returned.GetGenericTypeDefinition() == typeof(Task<>) || returned.GetGenericTypeDefinition() == typeof(ValueTask<>))))
        {
            throw Unfit(method, $"returns {returned}");
        }

        if (method.IsDefined(typeof(OneWayAttribute))) return new OneWayMethod(method, returned == typeof(Task) ? Task.CompletedTask : (object)ValueTask.CompletedTask);
        return returned.IsGenericType
            ? (CallMethod)Activator.CreateInstance(typeof(ResultMethod<>).MakeGenericType(returned.GetGenericArguments()), method)!
            : new CompletionMethod(method);
    }

    /// <summary>Sends a call and returns what the caller gets: a task of the method's own type.</summary>
    public object? Call(ICallTarget target, object?[] arguments)
    {
        target.Silo.Metrics.Called();
        return Send(target, arguments);
    }

    /// <summary>Runs the method on the object itself.</summary>
    public Task Invoke(object target, object?[] arguments) => AsTask(_invoker.Invoke(target, arguments.AsSpan()));

    public override string ToString() => $"{method.DeclaringType!.Name}.{method.Name}";

    protected abstract object? Send(ICallTarget target, object?[] arguments);

    /// <summary>What the method returned, as a task.</summary>
    protected abstract Task AsTask(object? returned);

    private static ArgumentException Unfit(MethodInfo method, string why) =>
        new($"{method.DeclaringType}.{method.Name} {why}; expected a plain method that returns Task, Task<T>, ValueTask or ValueTask<T>.");
}

/// <summary>A method whose caller waits for a value.</summary>
internal sealed class ResultMethod<T>(MethodInfo method) : CallMethod(method)
{
    private readonly bool _valueTask = method.ReturnType.IsValueType;

    protected override object Send(ICallTarget target, object?[] arguments)
    {
        var call = new ResultCall<T>(this, target, arguments);
        target.Send(call);
        return _valueTask ? new ValueTask<T>(call.Result) : call.Result;
    }

    protected override Task AsTask(object? returned) => returned switch
    {
        Task task => task,
        ValueTask<T> valueTask => valueTask.AsTask(),
        _ => throw new InvalidOperationException($"{this} returned null in place of a task."),
    };
}

/// <summary>A method whose caller waits for it to end.</summary>
internal sealed class CompletionMethod(MethodInfo method) : CallMethod(method)
{
    private readonly bool _valueTask = method.ReturnType.IsValueType;

    protected override object Send(ICallTarget target, object?[] arguments)
    {
        var call = new CompletionCall(this, target, arguments);
        target.Send(call);
        return _valueTask ? new ValueTask(call.Completion) : call.Completion;
    }

    protected override Task AsTask(object? returned) => returned switch
    {
        Task task => task,
        ValueTask valueTask => valueTask.AsTask(),
        _ => throw new InvalidOperationException($"{this} returned null in place of a task."),
    };
}

/// <summary>A method whose caller waits for nothing.</summary>
internal sealed class OneWayMethod(MethodInfo method, object? answer) : CallMethod(method)
{
    protected override object? Send(ICallTarget target, object?[] arguments)
    {
        target.Send(new OneWayCall(this, target, arguments));
        return answer;
    }

    protected override Task AsTask(object? returned) => returned switch
    {
        Task task => task,
        ValueTask valueTask => valueTask.AsTask(),
        _ => Task.CompletedTask,
    };
}
