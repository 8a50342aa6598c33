using System.Globalization;

namespace OrleansMesh.Load.ControlPlane;

/// <summary>What a process has used so far, from Linux's <c>/proc</c>.</summary>
/// <param name="Cpu">User and system time, to 10 ms.</param>
/// <param name="ResidentBytes">Memory that it has now.</param>
internal readonly record struct ProcessUsage(TimeSpan Cpu, long ResidentBytes)
{
    /// <summary>Linux's USER_HZ, which is the same on every architecture that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Null where there is no such process, or no <c>/proc</c>.</summary>
    public static ProcessUsage? Of(int process)
    {
        try
        {
            // The name, in parentheses, may hold anything; after it, the fields 14 and 15 are user and system time (proc_pid_stat(5)).
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            var resident = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            var kilobytes = long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            return new(TimeSpan.FromSeconds(ticks / TicksPerSecond), kilobytes * 1024);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }
}
