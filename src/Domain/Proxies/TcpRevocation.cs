using System.Globalization;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Proxies;

/// <summary>Who may call one TCP inbound.</summary>
/// <param name="Address">The inbound's own address, where it has one.</param>
/// <param name="Sources">Empty: nobody.</param>
public sealed record InboundSources(int Port, string? Address, ValueList<Selector> Sources);

/// <summary>
/// When connections that are open have to be closed. HTTP requests are checked one by one; a TCP connection is checked when it is opened, so
/// it has to end when its caller loses the permission. The epoch of an inbound grows then, and only then.
/// </summary>
public static class TcpRevocation
{
    /// <summary>Who may call the TCP inbounds. Without mutual TLS there is nobody to tell apart, so nothing to record.</summary>
    /// <param name="permissions">For each inbound, in the order of the Dataplane, the permission that governs.</param>
    public static ValueList<InboundSources> SourcesInForce(
        Dataplane dataplane, CertificateAuthorityBackend? backend, IReadOnlyList<GoverningPermission?> permissions)
    {
        ArgumentNullException.ThrowIfNull(dataplane);
        ArgumentNullException.ThrowIfNull(permissions);
        return backend is null
            ? []
            : dataplane.Networking.Inbound.Zip(permissions)
                .Where(i => !i.First.Protocol.IsHttp())
                .Select(i => new InboundSources(i.First.Port, i.First.Address, i.Second?.Sources ?? []))
                .DistinctBy(i => Key(i.Port, i.Address))
                .ToValueList();
    }

    /// <summary>What has to be recorded so that the records say who may call; nothing when they do.</summary>
    public static IEnumerable<TcpSourcesSet> Record(ValueList<TcpSourcesSet> recorded, ValueList<InboundSources> inForce)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(inForce);
        foreach (var (port, address, sources) in inForce)
        {
            if (recorded.Find(Key, Key(port, address)) is not { } before)
                yield return new TcpSourcesSet(port, sources, 0, address);
            else if (!before.Sources.Equals(sources))
                yield return before with { Sources = sources, Epoch = SourceCoverage.Loses(before.Sources, sources) ? before.Epoch + 1 : before.Epoch };
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

    private static string Key(int port, string? address) => string.Create(CultureInfo.InvariantCulture, $"{address}:{port}");
}
