using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>Reads what is particular to a ProxyQuarantine: <c>proxy</c>, and perhaps a <c>reason</c>.</summary>
internal static class ProxyQuarantineReader
{
    private const int LongestReason = 1024;

    public static ProxyQuarantine Read(ObjectReader spec, string mesh, string name, TagSet labels)
    {
        var proxy = spec.Text("proxy");
        if (!spec.Has("proxy"))
            spec.Report("proxy", "must be set: the name of the Dataplane that is shut out");
        else if (proxy is not null && NameRules.ProblemOfName(proxy) is { } problem)
            spec.Report("proxy", problem);
        var reason = spec.Text("reason");
        if (reason is { Length: > LongestReason })
            spec.Report("reason", $"cannot be longer than {LongestReason} characters");
        spec.RefuseOthers();
        return new ProxyQuarantine(mesh, name, proxy ?? "", reason is "" ? null : reason) { Labels = labels };
    }
}
