using System.Globalization;
using System.Runtime.InteropServices;

namespace OrleansMesh.Load.ControlPlane;

/// <summary>What a process has used so far, as Linux counts it.</summary>
/// <param name="Cpu">User and system time of all threads that it has or had, to the nanosecond: the process's clock, not the hundredths of seconds of <c>/proc</c>.</param>
/// <param name="ResidentBytes">Memory that it has now.</param>
/// <param name="PeakResidentBytes">The most that it ever had.</param>
internal readonly partial record struct ProcessUsage(TimeSpan Cpu, long ResidentBytes, long PeakResidentBytes)
{
    /// <summary>Null where there is no such process, or no <c>/proc</c>.</summary>
    public static ProcessUsage? Of(int process)
    {
        try
        {
            if (ClockOf(process, out var clock) != 0 || Read(clock, out var time) != 0)
                return null;
            var status = File.ReadAllLines($"/proc/{process}/status");
            return new(TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1e3), Bytes("VmRSS:"), Bytes("VmHWM:"));

            long Bytes(string field)
            {
                var line = status.First(l => l.StartsWith(field, StringComparison.Ordinal));
                return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int ClockOf(int process, out int clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Read(int clock, out Time time);

    /// <summary>C's <c>timespec</c> on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
