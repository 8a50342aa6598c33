using System.Net;
using System.Reflection;
using System.Security.Cryptography;

namespace OrleansMesh.Silo.Hosting;

/// <summary>This run of the server.</summary>
/// <param name="Silo">Names it among all runs that ever were, since sessions are recorded under it: the host's name and hexadecimal digits, printable ASCII without spaces.</param>
public sealed record ServerInstance(string Silo)
{
    private const int Digits = 16;
    private const int ShownDigits = 4;

    /// <summary>The version of Kuma whose API this server has.</summary>
    public const string CompatibleKumaVersion = "2.14.3";

    /// <summary>OrleansMesh's own version.</summary>
    public static string Version { get; } = typeof(ServerInstance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static string HostName { get; } = Dns.GetHostName();

    /// <summary>Names it to people and clients, as Kuma does: the host's name and four hexadecimal digits.</summary>
    public string Id => IdOf(Silo);

    public static ServerInstance New() =>
        new($"{string.Concat(HostName.Take(64).Where(c => c is > ' ' and <= '~'))}-{RandomNumberGenerator.GetHexString(Digits, lowercase: true)}");

    /// <summary>The <see cref="Id"/> of the run under which sessions are recorded as <paramref name="silo"/>; empty where a session was recorded under none.</summary>
    public static string IdOf(string silo) => silo.Length > Digits ? silo[..^(Digits - ShownDigits)] : silo;
}
