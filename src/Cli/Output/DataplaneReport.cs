using OrleansMesh.Cli.ControlPlane;
using Spectre.Console;

namespace OrleansMesh.Cli.Output;

/// <summary>One proxy, told to a person.</summary>
internal sealed class DataplaneReport
{
    private readonly Terminal _terminal;
    private readonly DateTimeOffset _now;

    private DataplaneReport(Terminal terminal)
    {
        _terminal = terminal;
        _now = terminal.Clock.GetUtcNow();
    }

    public static void Write(Terminal terminal, DataplaneInspection proxy)
    {
        var report = new DataplaneReport(terminal);
        report.WriteConnection(proxy);
        report.WriteIdentity(proxy);
        foreach (var inbound in proxy.Inbounds)
            report.WriteInbound(inbound);
        foreach (var outbound in proxy.Outbounds)
            report.WriteOutbound(outbound);
        report.WriteRejections(proxy.Rejections);
    }

    /// <summary>Who may call the inbound, a line each.</summary>
    public static IReadOnlyList<string> Callers(InspectedInbound inbound)
        => inbound switch
        {
            { MutualTls: false } => ["anybody who reaches the port: the mesh has no mutual TLS, so permissions have no force"],
            { Permission: null } => ["nobody: no TrafficPermission matches it"],
            { Permission.Sources.Count: 0 } => [$"nobody: TrafficPermission {inbound.Permission.Name} names no source"],
            _ => [.. inbound.Permission.Sources.Select(source => SelectorWords.Of(source.Match)).Distinct(StringComparer.Ordinal)],
        };

    private void WriteConnection(DataplaneInspection proxy)
    {
        Line("", $"[bold]{Markup.Escape(proxy.Name)}[/] in mesh {Markup.Escape(proxy.Mesh)}");
        if (proxy.Connection is { } connection)
        {
            Line("status", $"[green]{Text(proxy.Status)}[/] for {DurationWords.Short(_now - connection.Since)}");
            Line("proxy", $"Envoy {Text(connection.EnvoyVersion)}, started by agent {Text(connection.AgentVersion)}, xDS {Text(connection.Variant)}");
        }
        else
        {
            Line("status", $"[red]{Text(proxy.Status)}[/]");
        }

        if (proxy.Quarantine is { } quarantine)
            Line("quarantined", $"[red]shut out of the mesh for {DurationWords.Short(_now - quarantine.Since)}[/] by ProxyQuarantine {Text(quarantine.Name)}{(quarantine.Reason is { } reason ? $": {Text(reason)}" : "")}");
    }

    private void WriteIdentity(DataplaneInspection proxy)
    {
        if (proxy.Identity is null)
            Line("identity", "none: the mesh has no mutual TLS, all traffic is plain");
        for (var i = 0; i < (proxy.Identity?.Uris.Count ?? 0); i++)
            Line(i == 0 ? "identity" : "", Text(proxy.Identity!.Uris[i]));
        if (proxy.Certificate is not { } certificate)
        {
            if (proxy.Identity is not null)
                Line("certificate", "[yellow]none issued yet[/]");
            WriteCertificateFailure(proxy.CertificateFailure);
            return;
        }

        var left = certificate.NotAfter - _now;
        Line("certificate", left > TimeSpan.Zero
            ? $"{DurationWords.Short(left)} left, until {Time(certificate.NotAfter)}"
            : $"[red]expired[/] at {Time(certificate.NotAfter)}");
        Line("", $"serial {Text(certificate.Serial)}, signed by {Text(certificate.Backend)} (authority {Text(certificate.AuthorityId)})");
        WriteCertificateFailure(proxy.CertificateFailure);
    }

    private void WriteCertificateFailure(InspectedCertificateFailure? failure)
    {
        if (failure is not null)
            Line("", $"[red]not renewed for {DurationWords.Short(_now - failure.Since)}[/]: authority {Text(failure.Backend)} does not sign: {Text(failure.Reason)}");
    }

    private void WriteInbound(InspectedInbound inbound)
    {
        _terminal.Out.WriteLine();
        Line("inbound", $"[bold]{Text($"{inbound.Address}:{inbound.Port}")}[/] serves {Text(inbound.Service)} ({Text(inbound.Protocol)}) at {Text($"{inbound.ServiceAddress}:{inbound.ServicePort}")}");
        Line("tags", Text(string.Join(' ', inbound.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"))));
        if (inbound.Permissive)
            Line("PERMISSIVE", "[red]anybody who reaches the port without TLS is let in, without identity and whatever the permissions say[/]; what follows is for those with");
        var callers = Callers(inbound);
        for (var i = 0; i < callers.Count; i++)
            Line(i == 0 ? "may call" : "", Text(callers[i]));
        if (!inbound.MutualTls || inbound.Permission is not { } permission)
            return;
        Line("decided by", $"TrafficPermission {Text(permission.Name)} alone");
        if (permission.Overridden.Count > 0)
            Line("overridden", $"[yellow]{Text(string.Join(", ", permission.Overridden))}[/]: {(permission.Overridden.Count == 1 ? "matches" : "match")} this inbound too and {(permission.Overridden.Count == 1 ? "counts" : "count")} for nothing here");
        if (permission.Quarantined is { Count: > 0 } quarantined)
            Line("but never", $"[yellow]{Text(string.Join(", ", quarantined))}[/]: quarantined");
    }

    private void WriteOutbound(InspectedOutbound outbound)
    {
        _terminal.Out.WriteLine();
        Line("outbound", $"[bold]{Text($"{outbound.Address}:{outbound.Port}")}[/] calls {Text(outbound.Service)} ({Text(outbound.Protocol)})");
        if (outbound.Tags.Count > 0)
            Line("tags", Text(string.Join(' ', outbound.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"))));
        Line("endpoints", outbound.EndpointsReady > 0
            ? $"{outbound.EndpointsReady} ready of {outbound.Endpoints}"
            : $"[red]none ready[/] of {outbound.Endpoints}: every call fails");
    }

    private void WriteRejections(IReadOnlyList<InspectedRejection> rejections)
    {
        foreach (var rejection in rejections)
        {
            _terminal.Out.WriteLine();
            Line("rejected", $"[red]Envoy refused {Text(rejection.Type[(rejection.Type.LastIndexOf('.') + 1)..])}[/] {Text(string.Join(", ", rejection.Resources))} {DurationWords.Short(_now - rejection.Since)} ago; what it had before stays in force");
            Line("its words", Text(rejection.Message));
        }
    }

    private void Line(string label, string markup) => _terminal.WriteMarkup($"[grey]{label,-12}[/]{markup.Replace("\n", "\n            ", StringComparison.Ordinal)}");

    private static string Text(string text) => Markup.Escape(TableText.Printable(text));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
}
