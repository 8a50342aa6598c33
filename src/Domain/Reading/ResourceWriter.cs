using System.Globalization;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>Writes resources in the universal form, with the fields' names and order of Kuma's API; <see cref="ResourceReader"/> reads it back.</summary>
public static class ResourceWriter
{
    /// <param name="metadata">Left out when it is null.</param>
    public static JsonObject Write(IResource resource, ResourceMetadata? metadata = null)
    {
        var json = new JsonObject { ["type"] = resource.Type.Name };
        Add(json, "mesh", resource.Mesh);
        json["name"] = resource.Name;
        Add(json, "creationTime", Text(metadata?.CreationTime));
        Add(json, "modificationTime", Text(metadata?.ModificationTime));
        if (resource.Labels.Count > 0)
            json["labels"] = Write(resource.Labels);
        Add(json, "kri", resource.Type.IdentifierOf(resource));
        switch (resource)
        {
            case Mesh mesh:
                Add(json, "mtls", mesh.Mtls, Write);
                if (mesh.SkipCreatingInitialPolicies.Count > 0)
                    json["skipCreatingInitialPolicies"] = new JsonArray([.. mesh.SkipCreatingInitialPolicies.Select(p => (JsonNode?)p)]);
                break;
            case Dataplane dataplane:
                json["networking"] = Write(dataplane.Networking);
                break;
            case TrafficPermission permission:
                json["sources"] = List(permission.Sources, Write);
                json["destinations"] = List(permission.Destinations, Write);
                break;
            case ProxyQuarantine quarantine:
                json["proxy"] = quarantine.Proxy;
                Add(json, "reason", quarantine.Reason);
                break;
            case SecretResource { Data: { } data }:
                json["data"] = Convert.ToBase64String(data.Bytes);
                break;
            case SecretResource:
                break;
            case AccessRole role:
                AccessWriter.Write(json, role);
                break;
            case AccessRoleBinding binding:
                AccessWriter.Write(json, binding);
                break;
            default:
                throw new ArgumentException($"{resource.Type} has no writer", nameof(resource));
        }

        return json;
    }

    private static JsonObject Write(MeshMtls mtls)
    {
        var json = new JsonObject();
        Add(json, "enabledBackend", mtls.EnabledBackend);
        if (mtls.Backends.Count > 0)
            json["backends"] = List(mtls.Backends, Write);
        return json;
    }

    private static JsonObject Write(CertificateAuthorityBackend backend)
    {
        var json = new JsonObject { ["name"] = backend.Name, ["type"] = backend.Type };
        Add(json, "dpCert", backend.DpCert, Write);
        Add(json, "conf", backend.Conf, Write);
        Add(json, "conf", backend.ProvidedConf, Write);
        // As Kuma, which does not give back the mode that holds where none is given.
        if (backend.Mode is MtlsMode.Permissive)
            json["mode"] = "PERMISSIVE";
        return json;
    }

    private static JsonObject Write(ProvidedAuthorityConf conf) => new() { ["cert"] = Write(conf.Cert), ["key"] = Write(conf.Key.WithoutValue) };

    private static JsonObject Write(ValueSource source)
    {
        var json = new JsonObject();
        Add(json, "inline", source.Inline);
        Add(json, "inlineString", source.InlineString);
        Add(json, "secret", source.Secret);
        Add(json, "file", source.File);
        return json;
    }

    private static JsonObject Write(WorkloadCertificates dpCert)
    {
        var json = new JsonObject();
        Add(json, "rotation", dpCert.Rotation, Write);
        Add(json, "RSAbits", dpCert.RsaBits);
        return json;
    }

    private static JsonObject Write(CertificateRotation rotation)
    {
        var json = new JsonObject();
        Add(json, "expiration", rotation.Expiration?.Text);
        return json;
    }

    private static JsonObject Write(BuiltinAuthorityConf conf)
    {
        var json = new JsonObject();
        Add(json, "caCert", conf.CaCert, Write);
        return json;
    }

    private static JsonObject Write(AuthorityCertificate caCert)
    {
        var json = new JsonObject();
        Add(json, "RSAbits", caCert.RsaBits);
        Add(json, "expiration", caCert.Expiration?.Text);
        return json;
    }

    private static JsonObject Write(DataplaneNetworking networking)
    {
        var json = new JsonObject { ["address"] = networking.Address };
        Add(json, "advertisedAddress", networking.AdvertisedAddress);
        if (networking.Inbound.Count > 0)
            json["inbound"] = List(networking.Inbound, Write);
        if (networking.Outbound.Count > 0)
            json["outbound"] = List(networking.Outbound, Write);
        Add(json, "admin", networking.Admin, admin => new JsonObject { ["port"] = admin.Port });
        return json;
    }

    private static JsonObject Write(Inbound inbound)
    {
        var json = new JsonObject { ["port"] = inbound.Port };
        Add(json, "servicePort", inbound.ServicePort);
        Add(json, "serviceAddress", inbound.ServiceAddress);
        Add(json, "address", inbound.Address);
        json["tags"] = Write(inbound.Tags);
        Add(json, "health", inbound.Health, health => new JsonObject { ["ready"] = health.Ready });
        Add(json, "name", inbound.Name);
        return json;
    }

    private static JsonObject Write(Outbound outbound)
    {
        var json = new JsonObject();
        Add(json, "address", outbound.Address);
        json["port"] = outbound.Port;
        json["tags"] = Write(outbound.Tags);
        return json;
    }

    private static JsonObject Write(Selector selector) => new() { ["match"] = Write(selector.Match) };

    private static JsonObject Write(TagSet tags) => new(tags.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value)));

    private static JsonArray List<T>(ValueList<T> items, Func<T, JsonObject> write) => new([.. items.Select(write)]);

    private static void Add(JsonObject json, string name, JsonNode? value)
    {
        if (value is not null)
            json[name] = value;
    }

    private static void Add<T>(JsonObject json, string name, T? value, Func<T, JsonObject> write)
        where T : class
    {
        if (value is not null)
            json[name] = write(value);
    }

    /// <summary>RFC 3339, UTC, with as many decimals of a second as there are.</summary>
    private static string? Text(DateTimeOffset? time)
        => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
