using System.Diagnostics;

namespace OrleansMesh.EventStore.Tests.Sqlite;

/// <summary>The crash writer, running. Every line that it printed was read before <see cref="KillAsync"/> returns.</summary>
internal sealed class CrashWriterProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _printed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CrashWriterProcess(string directory, int writers, bool ignoreFileSizeSignal = false)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "OrleansMesh.EventStore.CrashWriter.dll");
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true };
        if (ignoreFileSizeSignal)
        {
            start.FileName = "/bin/sh";
            foreach (var argument in new[] { "-c", "trap '' XFSZ; exec \"$@\"", "sh", host })
                start.ArgumentList.Add(argument);
        }
        else
        {
            start.FileName = host;
        }

        foreach (var argument in new[] { program, directory, $"{writers}" })
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Errors += line.Data is null ? "" : line.Data + "\n";
        _process.BeginErrorReadLine();
        _reading = ReadAsync(_process.StandardOutput);
    }

    public int Id => _process.Id;

    public string Errors { get; private set; } = "";

    public bool HasEnded => _reading.IsCompleted;

    public List<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    /// <summary>Waits until a line after the first <paramref name="from"/> meets the condition.</summary>
    public async Task WaitForAsync(int from, Predicate<string> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task printed;
            lock (_gate)
            {
                if (_lines.FindIndex(Math.Min(from, _lines.Count), condition) >= 0)
                    return;
                printed = _printed.Task;
            }

            Assert.False(HasEnded, $"the writer ended by itself: {Errors}");
            await printed.WaitAsync(patience.Token);
        }
    }

    /// <summary>SIGKILL, unless it has ended by itself, which fails the test.</summary>
    public async Task KillAsync()
    {
        Assert.False(HasEnded, $"the writer ended by itself: {Errors}");
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader output)
    {
        var rest = "";
        var buffer = new char[64 * 1024];
        for (int count; (count = await output.ReadAsync(buffer)) > 0;)
        {
            var lines = (rest + new string(buffer, 0, count)).Split('\n');
            rest = lines[^1];
            lock (_gate)
            {
                _lines.AddRange(lines[..^1]);
                Interlocked.Exchange(ref _printed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }
        }

        lock (_gate)
            _printed.TrySetResult();
    }
}
