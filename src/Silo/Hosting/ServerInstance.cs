using System.Net;
using System.Reflection;
using System.Security.Cryptography;

namespace OrleansMesh.Silo.Hosting;

/// <summary>This run of the server.</summary>
/// <param name="Id">Names it, unique among all runs: the host's name and four hexadecimal digits, as Kuma has it.</param>
/// <param name="Silo">Names it among all runs that ever were, since sessions are recorded under it: printable ASCII without spaces.</param>
public sealed record ServerInstance(string Id, string Silo)
{
    /// <summary>The version of Kuma whose API this server has.</summary>
    public const string CompatibleKumaVersion = "2.14.3";

    /// <summary>OrleansMesh's own version.</summary>
    public static string Version { get; } = typeof(ServerInstance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static string HostName { get; } = Dns.GetHostName();

    public static ServerInstance New() => new($"{HostName}-{RandomHex(4)}", $"{string.Concat(HostName.Take(64).Where(c => c is > ' ' and <= '~'))}-{RandomHex(16)}");

    private static string RandomHex(int digits) => RandomNumberGenerator.GetHexString(digits, lowercase: true);
}
