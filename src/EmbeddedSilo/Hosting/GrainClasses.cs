using System.Reflection;
using Orleans;
using OrleansMesh.EmbeddedSilo.Calls;
using OrleansMesh.EmbeddedSilo.Turns;

namespace OrleansMesh.EmbeddedSilo;

/// <summary>Which class implements which grain interface.</summary>
internal sealed class GrainClasses
{
    private readonly ILookup<Type, GrainClass> _byInterface;

    /// <exception cref="InvalidOperationException">Two classes implement the same grain interface, or a class cannot be called through its own.</exception>
    public GrainClasses(IEnumerable<Assembly> assemblies)
    {
        var classes = assemblies.Distinct().SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsAbstract: false, IsGenericTypeDefinition: false } && type.IsSubclassOf(typeof(Grain)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => (Class: new GrainClass(type), Interfaces: GrainInterfaces(type)))
            .ToList();
        _byInterface = classes.SelectMany(grain => grain.Interfaces, (grain, type) => (grain.Class, Type: type)).ToLookup(pair => pair.Type, pair => pair.Class);

        foreach (var (@class, interfaces) in classes) Check(@class, interfaces);

        // An interface that two classes have only as the base of their own is shared on purpose, and cannot be used to get a grain.
        var ambiguous = classes
            .SelectMany(grain => grain.Interfaces.Where(type => !grain.Interfaces.Any(other => other != type && type.IsAssignableFrom(other))), (grain, type) => (grain.Class, Type: type))
            .GroupBy(pair => pair.Type, pair => pair.Class.Type)
            .FirstOrDefault(group => group.Count() > 1);
        if (ambiguous is not null)
            throw new InvalidOperationException($"Several classes implement the grain interface {ambiguous.Key}: {string.Join(", ", ambiguous)}; expected one.");
    }

    /// <exception cref="ArgumentException">There is no such class, or more than one.</exception>
    public GrainClass For(Type grainInterface, string? classNamePrefix)
    {
        var found = _byInterface[grainInterface]
            .Where(grain => classNamePrefix is null || grain.Type.FullName!.StartsWith(classNamePrefix, StringComparison.Ordinal))
            .Take(2).ToArray();
        return found switch
        {
            [var only] => only,
            [] => throw new ArgumentException($"No grain class implements {grainInterface}{(classNamePrefix is null ? "" : $" with a name that begins with {classNamePrefix}")}."),
            _ => throw new ArgumentException($"Several grain classes implement {grainInterface}: {found[0].Type} and {found[1].Type} among them."),
        };
    }

    private static List<Type> GrainInterfaces(Type type) =>
        [.. type.GetInterfaces().Where(candidate => typeof(IGrain).IsAssignableFrom(candidate) && candidate.Assembly != typeof(IGrain).Assembly)];

    private static void Check(GrainClass grain, List<Type> interfaces)
    {
        if (interfaces.Count == 0) throw new InvalidOperationException($"{grain.Type} is a grain and implements no grain interface.");
        foreach (var type in interfaces)
        {
            if (!typeof(IGrainWithStringKey).IsAssignableFrom(type))
                throw new InvalidOperationException($"The grain interface {type} does not derive from {nameof(IGrainWithStringKey)}.");
            try
            {
                CallInterface.Of(type);
            }
            catch (ArgumentException exception)
            {
                throw new InvalidOperationException($"{grain.Type} cannot be called: {exception.Message}", exception);
            }
        }
    }
}
