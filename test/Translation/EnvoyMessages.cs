using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace OrleansMesh.Translation.Tests;

/// <summary>Envoy messages as JSON, with every message that travels in an <c>Any</c> spelt out.</summary>
internal static class EnvoyMessages
{
    private static readonly TypeRegistry Types = TypeRegistry.FromFiles(
        typeof(global::Envoy.Config.Listener.V3.Listener).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
            .OfType<FileDescriptor>());

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(Types));

    public static string Json(IMessage message) => Formatter.Format(message);

    /// <summary>The message that a resource holds.</summary>
    public static IMessage Open(EncodedResource resource)
    {
        var any = Any.Parser.ParseFrom(resource.Body.Span);
        return Types.Find(Any.GetTypeName(any.TypeUrl)).Parser.ParseFrom(any.Value);
    }

    public static T Open<T>(EncodedResource resource) where T : IMessage<T>, new() => Any.Parser.ParseFrom(resource.Body.Span).Unpack<T>();
}
