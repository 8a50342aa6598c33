using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Values;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Files;
using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Tls;

/// <summary>The certificate that the dp-server port, or the API's port with TLS, shows: the operator's, or one that is made and renewed here.</summary>
public sealed class DpServerTls
{
    /// <summary>Names the file, in the data folder, of the authority that clients must trust where the server makes its certificate.</summary>
    public const string AuthorityFile = "dp-server-ca.crt";

    private const string AuthorityKeyFile = "dp-server-ca.key";

    private readonly Func<SslStreamCertificateContext>? _make;
    private readonly TimeProvider _time;
    private readonly Lock _renewing = new();
    private volatile SslStreamCertificateContext _current;

    private DpServerTls(SslStreamCertificateContext first, string authorityPem, Func<SslStreamCertificateContext>? make, TimeProvider time)
    {
        _current = first;
        AuthorityPem = authorityPem;
        _make = make;
        _time = time;
    }

    /// <summary>PEM certificates that clients must trust: the authority's, or what the operator supplied.</summary>
    public string AuthorityPem { get; }

    /// <summary>The certificate to show now. One that was made here gives way to a new one when a third of its life is left.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            if (_make is null || IsFresh(_current.TargetCertificate))
                return _current;
            lock (_renewing)
            {
                return IsFresh(_current.TargetCertificate) ? _current : _current = _make();
            }
        }
    }

    /// <param name="shared">The authority, with its key, of all servers that share a log; null: this server has its own, in the data folder.</param>
    /// <exception cref="ServerStartException">A file cannot be read or written, or does not hold what it should.</exception>
    public static DpServerTls Open(DpServerConfiguration configuration, DataFolder data, TimeProvider time, X509Certificate2? shared = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var names = configuration.Names.Concat(configuration.PublicAddresses.Select(address => address.Host)).ToValueList();
        return Open(
            "dp-server", configuration.Listener.Address, configuration.TlsCertificateFile, configuration.TlsKeyFile, configuration.TlsAuthorityFile, names, data, time, shared);
    }

    /// <summary>The same for the REST API's port; a certificate that is made there is made under the same authority.</summary>
    /// <exception cref="ServerStartException">A file cannot be read or written, or does not hold what it should.</exception>
    public static DpServerTls OpenForApi(ApiTlsConfiguration configuration, DataFolder data, TimeProvider time, X509Certificate2? shared = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Open("API", configuration.Listener.Address, configuration.CertificateFile, configuration.KeyFile, null, configuration.Names, data, time, shared);
    }

    private static DpServerTls Open(
        string port, IPAddress address, string? certificateFile, string? keyFile, string? authorityFile, ValueList<string> given, DataFolder data, TimeProvider time,
        X509Certificate2? shared)
    {
        try
        {
            if (certificateFile is not null && keyFile is not null)
                return new(Supplied(certificateFile, keyFile), File.ReadAllText(authorityFile ?? certificateFile), null, time);
            var authority = shared ?? OpenAuthority(data, time.GetUtcNow());
            if (shared is not null)
                data.WritePublic(AuthorityFile, shared.ExportCertificatePem() + "\n");
            var names = Names(address, given);
            return new(Make(), authority.ExportCertificatePem(), Make, time);

            SslStreamCertificateContext Make() => Context(DpServerCertificate.MakeServer(authority, names, time.GetUtcNow()), []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ServerStartException($"the TLS certificate of the {port} port cannot be had: {e.Message}", e);
        }
    }

    private bool IsFresh(X509Certificate2 certificate)
        => certificate.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime > (certificate.NotAfter - certificate.NotBefore) / 3;

    // The names under which the port is reached from this machine, and those that the operator knows.
    private static ValueList<string> Names(IPAddress address, ValueList<string> given)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal) { "localhost", "127.0.0.1", "::1" };
        if (Uri.CheckHostName(Dns.GetHostName()) == UriHostNameType.Dns)
            names.Add(Dns.GetHostName());
        if (!address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
            names.Add(address.ToString());
        names.UnionWith(given);
        return names.ToValueList();
    }

    private static X509Certificate2 OpenAuthority(DataFolder data, DateTimeOffset now)
    {
        if (File.Exists(data.FileNamed(AuthorityFile)))
            return X509Certificate2.CreateFromPemFile(data.FileNamed(AuthorityFile), data.FileNamed(AuthorityKeyFile));
        var authority = DpServerCertificate.MakeAuthority(now);

        // The certificate comes last: where it is, its key is.
        data.WritePrivate(AuthorityKeyFile, authority.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
        data.WritePublic(AuthorityFile, authority.ExportCertificatePem() + "\n");
        return authority;
    }

    private static SslStreamCertificateContext Supplied(string certificateFile, string keyFile)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        return Context(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), chain);
    }

    // TLS on Windows does not take a key that exists in memory only; a round trip through PKCS #12 makes one that it takes.
    private static SslStreamCertificateContext Context(X509Certificate2 certificate, X509Certificate2Collection chain)
        => SslStreamCertificateContext.Create(
            OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null) : certificate,
            chain,
            offline: true);
}
