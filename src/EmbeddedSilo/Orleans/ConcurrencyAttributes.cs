namespace Orleans.Concurrency;

/// <summary>The call is sent and not waited for: its caller learns neither a result nor a failure.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;

/// <summary>The call may run between the turns of any other call, and overtakes those that wait.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>The call changes nothing, so it may run between the turns of other calls that change nothing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>Any calls of this grain class may run between each other's turns.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
