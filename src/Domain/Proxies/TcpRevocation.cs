using System.Globalization;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Proxies;

/// <summary>Who may call one TCP inbound.</summary>
/// <param name="Address">The inbound's own address, where it has one.</param>
/// <param name="Sources">Empty: nobody.</param>
public sealed record InboundSources(int Port, string? Address, ValueList<Selector> Sources)
{
    /// <summary>Proxies that may not call although a source lets them in, in ordinal order; empty where nobody may.</summary>
    public ValueList<string> Quarantined { get; init; } = [];
}

/// <summary>
/// When connections that are open have to be closed. HTTP requests are checked one by one; a TCP connection is checked when it is opened, so
/// it has to end when its caller loses the permission. The epoch of an inbound grows then, and only then.
/// </summary>
public static class TcpRevocation
{
    /// <summary>Who may call the TCP inbounds. Without mutual TLS there is nobody to tell apart, so nothing to record.</summary>
    /// <param name="permissions">For each inbound, in the order of the Dataplane, the permission that governs.</param>
    /// <param name="quarantined">The proxies that are shut out of the mesh, in ordinal order.</param>
    public static ValueList<InboundSources> SourcesInForce(
        Dataplane dataplane, CertificateAuthorityBackend? backend, IReadOnlyList<GoverningPermission?> permissions, ValueList<string> quarantined)
    {
        ArgumentNullException.ThrowIfNull(dataplane);
        ArgumentNullException.ThrowIfNull(permissions);
        return backend is null
            ? []
            : dataplane.Networking.Inbound.Zip(permissions)
                .Where(i => !i.First.Protocol.IsHttp())
                .Select(i => new InboundSources(i.First.Port, i.First.Address, i.Second?.Sources ?? [])
                {
                    Quarantined = i.Second is { Sources.Count: > 0 } ? quarantined : [],
                })
                .DistinctBy(i => Key(i.Port, i.Address))
                .ToValueList();
    }

    /// <summary>What has to be recorded so that the records say who may call; nothing when they do.</summary>
    public static IEnumerable<TcpSourcesSet> Record(ValueList<TcpSourcesSet> recorded, ValueList<InboundSources> inForce)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(inForce);
        foreach (var now in inForce)
        {
            if (recorded.Find(Key, Key(now.Port, now.Address)) is not { } before)
                yield return new TcpSourcesSet(now.Port, now.Sources, 0, now.Address) { Quarantined = now.Quarantined };
            else if (!before.Sources.Equals(now.Sources) || !before.Quarantined.Equals(now.Quarantined))
                yield return before with { Sources = now.Sources, Quarantined = now.Quarantined, Epoch = Loses(before, now) ? before.Epoch + 1 : before.Epoch };
        }
    }

    /// <summary>The epoch of an inbound; 0 when nothing is recorded of it, and always for HTTP.</summary>
    public static long EpochOf(this ValueList<TcpSourcesSet> recorded, Inbound inbound)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(inbound);
        return inbound.Protocol.IsHttp() ? 0 : recorded.Find(Key, Key(inbound.Port, inbound.Address))?.Epoch ?? 0;
    }

    internal static string Key(TcpSourcesSet recorded) => Key(recorded.Port, recorded.Address);

    private static bool Loses(TcpSourcesSet before, InboundSources now)
        => SourceCoverage.Loses(before.Sources, now.Sources)
            || (before.Sources.Count > 0 && now.Quarantined.Any(proxy => !before.Quarantined.Contains(proxy)));

    private static string Key(int port, string? address) => string.Create(CultureInfo.InvariantCulture, $"{address}:{port}");
}
