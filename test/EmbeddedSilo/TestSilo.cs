using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>Silos that run only the grain classes that a test names.</summary>
internal static class TestSilo
{
    /// <summary>Long enough for anything on a busy machine that is going to happen at all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static EmbeddedSiloHost Start(params Type[] grains) => Start(null, null, grains);

    public static EmbeddedSiloHost Start(Action<EmbeddedSiloOptions>? configure, params Type[] grains) => Start(null, configure, grains);

    public static EmbeddedSiloHost Start(Action<IServiceCollection>? services, Action<EmbeddedSiloOptions>? configure, params Type[] grains)
    {
        var collection = new ServiceCollection();
        services?.Invoke(collection);
        return EmbeddedSiloHost.Start(collection, configure, new OnlyThese(grains));
    }

    public static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition()) await Task.Delay(5, limit.Token);
    }

    public static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await condition()) await Task.Delay(5, limit.Token);
    }

    /// <summary>An assembly as the silo scans it.</summary>
    public sealed class OnlyThese(params Type[] types) : Assembly
    {
        public override Type[] GetTypes() => types;
    }
}
