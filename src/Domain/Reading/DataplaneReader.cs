using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>
/// Reads what is particular to a Dataplane. Fields and rules: Kuma 2.14 <c>api/mesh/v1alpha1/dataplane.proto</c> and <c>dataplane_validator.go</c>.
/// Stricter than Kuma: every inbound has a service, there is at least one (a proxy's identity is made of its inbounds' tags), addresses are IP
/// addresses, and no two listeners claim the same address and port.
/// </summary>
internal static class DataplaneReader
{
    private const string Loopback = "127.0.0.1";

    public static Dataplane Read(ObjectReader spec, string mesh, string name, TagSet labels, ProblemList problems)
    {
        spec.NotSupported("metrics", "probes");
        if (!spec.Has("networking"))
            spec.Report("networking", "must be defined");
        var networking = spec.Object("networking") is { } reader ? ReadNetworking(reader, problems) : new DataplaneNetworking("", [], []);
        spec.RefuseOthers();
        return new Dataplane(mesh, name, networking) { Labels = labels };
    }

    private static DataplaneNetworking ReadNetworking(ObjectReader networking, ProblemList problems)
    {
        networking.NotSupported("gateway", "transparentProxying", "listeners");
        var address = ReadAddress(networking);
        var advertised = AddressRules.Address(networking, "advertisedAddress");
        if (!networking.Has("gateway") && networking.IsEmpty("inbound"))
            networking.Report("inbound", "must have at least one element, since the tags of its inbounds are a proxy's identity");
        var inboundReaders = networking.Objects("inbound");
        var inbounds = inboundReaders.Select(inbound => ReadInbound(inbound, address, problems)).ToValueList();
        var outboundReaders = networking.Objects("outbound");
        var outbounds = outboundReaders.Select(outbound => ReadOutbound(outbound, problems)).ToValueList();

        var listeners = new ListenerPorts();
        for (var i = 0; i < inbounds.Count; i++)
            listeners.Claim(inboundReaders[i], inbounds[i].Address ?? address, inbounds[i].Port);
        for (var i = 0; i < outbounds.Count; i++)
            listeners.Claim(outboundReaders[i], outbounds[i].Address ?? Loopback, outbounds[i].Port);
        RefuseRepeatedNames(inbounds, inboundReaders);

        var admin = networking.Object("admin") is { } adminReader ? ReadAdmin(adminReader, address, inbounds, outbounds) : null;
        networking.RefuseOthers();
        return new DataplaneNetworking(address, inbounds, outbounds) { AdvertisedAddress = advertised, Admin = admin };
    }

    private static string ReadAddress(ObjectReader networking)
    {
        if (!networking.IsEmpty("address"))
            return AddressRules.Address(networking, "address") ?? "";
        networking.Accept("address");
        networking.Report("address", "address can't be empty");
        return "";
    }

    private static Inbound ReadInbound(ObjectReader inbound, string proxyAddress, ProblemList problems)
    {
        inbound.NotSupported("serviceProbe", "state", "protocol");
        var port = AddressRules.RequiredPort(inbound, "port");
        var servicePort = AddressRules.Port(inbound, "servicePort");
        var serviceAddress = AddressRules.Address(inbound, "serviceAddress");
        var address = AddressRules.Address(inbound, "address");
        if (serviceAddress is not null && AddressRules.Same(serviceAddress, address ?? proxyAddress) && (servicePort ?? port) == port)
            inbound.Report("serviceAddress", "serviceAddress and servicePort has to differ from address and port");
        var tags = TagRules.InboundTags(inbound, problems);
        var health = inbound.Object("health") is { } healthReader ? ReadHealth(healthReader) : null;
        var name = inbound.Text("name");
        if (name is "")
            inbound.Report("name", "cannot be empty");
        inbound.RefuseOthers();
        return new Inbound(port, tags) { Address = address, ServicePort = servicePort, ServiceAddress = serviceAddress, Name = name, Health = health };
    }

    /// <summary>A health that does not say ready is not, as in Kuma.</summary>
    private static InboundHealth ReadHealth(ObjectReader health)
    {
        var ready = health.Boolean("ready") ?? false;
        health.RefuseOthers();
        return new InboundHealth(ready);
    }

    private static Outbound ReadOutbound(ObjectReader outbound, ProblemList problems)
    {
        outbound.NotSupported("backendRef");
        var address = AddressRules.Address(outbound, "address");
        var port = AddressRules.RequiredPort(outbound, "port");
        var tags = outbound.Has("backendRef") && !outbound.Has("tags") ? TagSet.Empty : TagRules.OutboundTags(outbound, problems);
        outbound.RefuseOthers();
        return new Outbound(port, tags) { Address = address };
    }

    private static EnvoyAdmin ReadAdmin(ObjectReader admin, string proxyAddress, ValueList<Inbound> inbounds, ValueList<Outbound> outbounds)
    {
        var port = AddressRules.RequiredPort(admin, "port");
        var isInbound = inbounds.Any(i => (i.Port == port && AddressRules.Same(i.Address ?? proxyAddress, Loopback))
            || ((i.ServicePort ?? i.Port) == port && AddressRules.Same(i.ServiceAddress ?? Loopback, Loopback)));
        if (port != 0 && isInbound)
            admin.Report("port", "must differ from inbound");
        if (port != 0 && outbounds.Any(o => o.Port == port && AddressRules.Same(o.Address ?? Loopback, Loopback)))
            admin.Report("port", "must differ from outbound");
        admin.RefuseOthers();
        return new EnvoyAdmin(port);
    }

    private static void RefuseRepeatedNames(ValueList<Inbound> inbounds, IReadOnlyList<ObjectReader> readers)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < inbounds.Count; i++)
        {
            if (inbounds[i].Name is { Length: > 0 } name && !names.Add(name))
                readers[i].Report("name", $"name \"{name}\" must be unique across inbounds and listeners");
        }
    }
}
