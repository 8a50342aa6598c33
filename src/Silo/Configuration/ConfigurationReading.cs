using System.Diagnostics.CodeAnalysis;
using System.Net;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;

namespace OrleansMesh.Silo.Configuration;

/// <summary>What came of reading the configuration: it, or everything that is wrong with it.</summary>
/// <param name="Values">What was given, later sources over earlier ones, by the setting's path.</param>
public sealed record ConfigurationReading(
    ServerConfiguration? Configuration, IReadOnlyDictionary<string, GivenValue> Values, ValueList<FieldProblem> Problems)
{
    [MemberNotNullWhen(true, nameof(Configuration))]
    public bool IsValid => Configuration is not null;

    /// <summary>Puts the layers over one another, later ones over earlier ones and all of them over the defaults, and reads what comes out.</summary>
    public static ConfigurationReading Of(params IReadOnlyList<ConfigurationLayer> layers)
    {
        var values = new Dictionary<string, GivenValue>(StringComparer.Ordinal);
        foreach (var (path, value) in layers.SelectMany(l => l.Values))
            values[path] = value;
        var problems = layers.SelectMany(l => l.Problems).ToList();

        var data = Value(Settings.Data)!;
        var apiPort = Value(Settings.ApiPort);
        var configuration = new ServerConfiguration(
            data,
            new(Value(Settings.Store) ?? new FolderAddress(data), Value(Settings.StorePasswordFile)),
            Value(Settings.AcceptMissingWitness),
            new(
                new(Value(Settings.ApiAddress)!, apiPort),
                new(
                    new(Value(Settings.ApiTlsAddress)!, Value(Settings.ApiTlsPort) ?? (apiPort is 0 or 65535 ? 0 : apiPort + 1)),
                    Value(Settings.ApiTlsCertFile),
                    Value(Settings.ApiTlsKeyFile),
                    Value(Settings.ApiTlsNames)!,
                    Value(Settings.ApiClientCaFile)),
                Value(Settings.ApiHosts)!,
                Value(Settings.ApiLoopbackIsAdmin),
                Value(Settings.ApiTokenKeys)!,
                Value(Settings.ApiMaxBodyBytes)),
            new(
                new(Value(Settings.DpServerAddress)!, Value(Settings.DpServerPort)),
                Value(Settings.DpServerTlsCertFile),
                Value(Settings.DpServerTlsKeyFile),
                Value(Settings.DpServerTlsCaFile),
                Value(Settings.DpServerNames)!,
                Value(Settings.DpServerPublicAddresses)!,
                Value(Settings.DpServerTokenKeys)!),
            new(Value(Settings.DiagnosticsAddress)!, Value(Settings.DiagnosticsPort)),
            Value(Settings.DefaultMesh),
            new(Value(Settings.ProxiesGracePeriod), Value(Settings.ProxiesRestartGracePeriod), Value(Settings.ProxiesReconcileInterval)),
            new(
                Value(Settings.ClusterId)!,
                new(Value(Settings.ClusterAddress)!, Value(Settings.ClusterPort)),
                Value(Settings.ClusterTlsCertFile),
                Value(Settings.ClusterTlsKeyFile),
                Value(Settings.ClusterTlsCaFile)),
            new(Value(Settings.LogFormat), Value(Settings.LogLevel)),
            Value(Settings.ShutdownTimeout))
        {
            Authorities = new(Value(Settings.AuthoritiesFolder), Value(Settings.AuthoritiesRotationTimeLimit), Value(Settings.AuthoritiesRotationSettling)),
            KeyEncryptionKey = Value(Settings.KeyEncryptionKey),
            KeyEncryptionKeyNext = Value(Settings.KeyEncryptionKeyNext),
        };
        problems.AddRange(Contradictions(configuration, [.. problems.Select(p => p.Field)]));
        return new(problems.Count == 0 ? configuration : null, values, problems.ToValueList());

        T? Value<T>(Setting<T> setting)
        {
            var given = values.GetValueOrDefault(setting.Path);
            try
            {
                return setting.Read(given?.Text ?? setting.Default);
            }
            catch (FormatException e)
            {
                problems.Add(new(setting.Path, given is null ? e.Message : $"{e.Message}; {(setting.MayHoldSecret ? "another" : $"'{given.Text}'")} is given by {given.Origin}"));
                return default;
            }
        }
    }

    // What could not be read counts for nothing here.
    private static IEnumerable<FieldProblem> Contradictions(ServerConfiguration configuration, HashSet<string> unreadable)
    {
        var api = configuration.Api;
        if (!unreadable.Contains(Settings.ApiAddress.Path) && !IPAddress.IsLoopback(api.Listener.Address))
        {
            yield return new(
                Settings.ApiAddress.Path,
                $"expected a loopback address, since this port has no TLS and whoever listens on the way to {api.Listener.Address} would read tokens; "
                + $"{Settings.ApiTlsAddress.Flag} is for other machines");
        }

        if (api.Tls.CertificateFile is null != api.Tls.KeyFile is null)
        {
            var missing = api.Tls.CertificateFile is null ? Settings.ApiTlsCertFile : Settings.ApiTlsKeyFile;
            yield return new(missing.Path, "expected a file, since certificate and key belong together");
        }

        var dpServer = configuration.DpServer;
        if (dpServer.TlsCertificateFile is null != dpServer.TlsKeyFile is null)
        {
            var missing = dpServer.TlsCertificateFile is null ? Settings.DpServerTlsCertFile : Settings.DpServerTlsKeyFile;
            yield return new(missing.Path, "expected a file, since certificate and key belong together");
        }

        if (dpServer is { TlsAuthorityFile: not null, TlsCertificateFile: null })
            yield return new(Settings.DpServerTlsCaFile.Path, $"expected {Settings.DpServerTlsCertFile.Path} beside it");

        if (!unreadable.Contains(Settings.Store.Path) && configuration.Store.Address is FolderAddress && configuration.Store.PasswordFile is not null)
            yield return new(Settings.StorePasswordFile.Path, $"expected {Settings.Store.Path} to be a PostgreSQL database, since a folder has no password");

        var postgres = configuration.Store.Address as PostgresAddress;
        var cluster = configuration.Cluster;
        (Setting Setting, string? File)[] silo =
            [(Settings.ClusterTlsCertFile, cluster.TlsCertificateFile), (Settings.ClusterTlsKeyFile, cluster.TlsKeyFile), (Settings.ClusterTlsCaFile, cluster.TlsAuthorityFile)];
        if (silo.Any(f => f.File is not null) || (!unreadable.Contains(Settings.ClusterAddress.Path) && !IPAddress.IsLoopback(cluster.Listener.Address)))
        {
            foreach (var (setting, _) in silo.Where(f => f.File is null))
            {
                yield return new(
                    setting.Path, "expected a file: whoever reaches the port of a silo commands its grains, so on a network silos prove themselves to each other");
            }
        }

        (Setting Setting, string? File)[] files =
        [
            .. silo,
            (Settings.Store, postgres?.RootCertificateFile),
            (Settings.Store, postgres?.ClientCertificateFile),
            (Settings.Store, postgres?.ClientKeyFile),
            (Settings.StorePasswordFile, configuration.Store.PasswordFile),
            (Settings.DpServerTlsCertFile, dpServer.TlsCertificateFile),
            (Settings.DpServerTlsKeyFile, dpServer.TlsKeyFile),
            (Settings.DpServerTlsCaFile, dpServer.TlsAuthorityFile),
            (Settings.ApiTlsCertFile, api.Tls.CertificateFile),
            (Settings.ApiTlsKeyFile, api.Tls.KeyFile),
            (Settings.ApiClientCaFile, api.Tls.ClientAuthorityFile),
            .. (api.TokenKeys ?? []).Select(k => ((Setting)Settings.ApiTokenKeys, (string?)k.Path)),
            .. (dpServer.TokenKeys ?? []).Select(k => ((Setting)Settings.DpServerTokenKeys, (string?)k.Path)),
        ];
        foreach (var (setting, file) in files)
        {
            if (file is not null && !File.Exists(file))
                yield return new(setting.Path, $"expected a file that exists, found none at {file}");
        }

        (Setting Setting, ListenerConfiguration Listener)[] listeners =
            [(Settings.ApiPort, api.Listener), (Settings.ApiTlsPort, api.Tls.Listener), (Settings.DpServerPort, dpServer.Listener), (Settings.DiagnosticsPort, configuration.Diagnostics)];
        foreach (var shared in listeners.Where(l => l.Listener is { Port: not 0, Address: not null }).GroupBy(l => l.Listener).Where(g => g.Count() > 1))
        {
            var names = string.Join(" and ", shared.Select(s => s.Setting.Path));
            foreach (var (setting, listener) in shared)
                yield return new(setting.Path, $"expected a port of its own; {listener.Port} is shared by {names}");
        }
    }
}
