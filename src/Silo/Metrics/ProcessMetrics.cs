using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace OrleansMesh.Silo.Metrics;

/// <summary>The process's own metrics under the names that every Prometheus client library gives them.</summary>
internal static class ProcessMetrics
{
    public static string Write()
    {
        using var process = Process.GetCurrentProcess();
        var text = new StringBuilder();
        Add("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.", process.TotalProcessorTime.TotalSeconds);
        Add("process_open_fds", "gauge", "Number of open file descriptors.", OpenFiles());
        Add("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", process.WorkingSet64);
        Add(
            "process_start_time_seconds",
            "gauge",
            "Start time of the process since unix epoch in seconds.",
            (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        Add("dotnet_gc_heap_bytes", "gauge", "Bytes of managed objects.", GC.GetTotalMemory(forceFullCollection: false));
        Add("dotnet_thread_pool_threads", "gauge", "Threads of the thread pool.", ThreadPool.ThreadCount);
        return text.ToString();

        void Add(string name, string kind, string help, double? value)
        {
            if (value is { } number)
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {number:R}\n");
        }
    }

    private static double? OpenFiles()
        => OperatingSystem.IsLinux() ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : null;
}
