using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.OrleansSilo.Serialization;

/// <summary>
/// How values cross a grain boundary: those of the grain interfaces by Orleans' own serializer, as their attributes say; those of the domain, which knows
/// nothing of Orleans, as the JSON in which they are stored.
/// </summary>
public static class MeshSerialization
{
    public static IServiceCollection AddMeshSerialization(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton<IGeneralizedCopier, DomainCopier>().AddSingleton<ITypeFilter, MeshTypeFilter>();
        services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.Add("OrleansMesh"));
        return services.AddSerializer(serializer => serializer.AddJsonSerializer(
            IsOfDomain,
            isCopyable: null,
            options => options.Configure(json => json.SerializerOptions = DomainWireJson.Options)));
    }

    internal static bool IsOfDomain(Type type) => type.Assembly == typeof(DomainJson).Assembly;
}
