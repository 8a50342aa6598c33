using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansMesh.EventStore;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.OrleansSilo.Serialization;

namespace OrleansMesh.OrleansSilo.Tests.Serialization;

/// <summary>Whatever crosses a grain boundary arrives in another silo as what was sent.</summary>
public sealed class RoundTripTests : IDisposable
{
    private static readonly Type[] Interfaces =
        [.. typeof(IMeshGrain).Assembly.GetTypes().Where(t => t.IsInterface && typeof(IAddressable).IsAssignableFrom(t))];

    private readonly ServiceProvider _services = new ServiceCollection().AddMeshSerialization().BuildServiceProvider();

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    /// <summary>What the methods of all grains and observers take and answer, references aside.</summary>
    public static TheoryData<Type> Types() =>
    [
        .. Interfaces.SelectMany(i => i.GetMethods())
            .SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType))
            .Select(t => t.IsGenericType && typeof(Task).IsAssignableFrom(t) ? t.GetGenericArguments()[0] : t)
            .Where(t => t != typeof(Task) && t != typeof(CancellationToken) && !typeof(IAddressable).IsAssignableFrom(t))
            .Distinct()
            .OrderBy(t => t.ToString(), StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_value_arrives_as_it_was_sent(Type type)
    {
        var send = typeof(RoundTripTests).GetMethod(nameof(Send), BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(type);
        Assert.All(Example.KindsOf(type), kind =>
        {
            var sent = new Example().Of(kind);
            var received = send.Invoke(this, [sent]);
            Assert.Equal(sent, received);
            Assert.NotSame(sent, received);
        });
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_value_is_the_same_to_a_grain_of_the_same_silo(Type type)
    {
        Assert.All(Example.KindsOf(type), kind =>
        {
            var sent = new Example().Of(kind);
            Assert.Equal(sent, _services.GetRequiredService<DeepCopier>().Copy(sent));
        });
    }

    [Fact]
    public void A_failure_arrives_as_what_it_was()
    {
        Exception[] failures =
        [
            new EventStoreUnavailableException("the disk is full"), new WrongExpectedVersionException("mesh/default", 1, 2), new InvalidOperationException("no"),
            new TimeoutException("late"), new OlderServerException("an older server lives"),
        ];
        Assert.All(failures, failure =>
        {
            var received = Serializer.Deserialize<Exception>(Serializer.SerializeToArray(failure));
            Assert.IsType(failure.GetType(), received);
            Assert.Equal(failure.Message, received.Message);
        });
    }

    [Fact]
    public void What_the_grain_interfaces_define_carries_the_serializers_attributes()
        => Assert.DoesNotContain(
            typeof(IMeshGrain).Assembly.GetTypes().Where(t => t is { IsPublic: true, IsInterface: false, IsAbstract: false } && t.Namespace == typeof(IMeshGrain).Namespace),
            t => Attribute.GetCustomAttribute(t, typeof(GenerateSerializerAttribute)) is null);

    private object? Send<T>(T value) => Serializer.Deserialize<T>(Serializer.SerializeToArray(value));

    public void Dispose() => _services.Dispose();
}
