using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansMesh.Cli.Proxies;

/// <summary>
/// A child process that does not outlive this one, even when this one is killed, and that a terminal's Ctrl-C does not reach, so that only
/// this process decides when it ends.
/// </summary>
/// <remarks>
/// Both need <c>setpriv</c> and <c>setsid</c> (util-linux); without them the child is an ordinary one. The kernel's parent-death signal is bound to the
/// thread that started the child, hence a thread of its own that waits for the child's end.
/// </remarks>
public sealed class BoundProcess : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BoundProcess(Process process) => _process = process;

    /// <summary>The exit code; 128 and the signal's number when a signal ended it.</summary>
    public Task<int> Exited => _exited.Task;

    public int Id => _process.Id;

    /// <summary>Starts a program.</summary>
    /// <param name="output">Is told each line that it writes, to standard output or error. Null: it writes where this process writes.</param>
    /// <exception cref="CommandFailedException">It cannot be started.</exception>
    public static BoundProcess Start(string program, IEnumerable<string> arguments, Action<string>? output = null)
    {
        string[] command = [.. Binding(), program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = output is not null,
            RedirectStandardError = output is not null,
        };
        var bound = new BoundProcess(new Process { StartInfo = start });
        var started = new TaskCompletionSource();
        new Thread(() => bound.Run(started, output)) { IsBackground = true, Name = $"waits for {Path.GetFileName(program)}" }.Start();
        try
        {
            started.Task.GetAwaiter().GetResult();
            return bound;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            bound.Dispose();
            throw new CommandFailedException($"cannot start {program}: {failure.Message}", failure);
        }
    }

    /// <summary>Sends a signal; does nothing when the process has ended.</summary>
    public void Signal(ProcessSignal signal)
    {
        if (!_exited.Task.IsCompleted)
            _ = Kill(_process.Id, (int)signal);
    }

    /// <summary>Asks the process to end (SIGTERM) and makes it end (SIGKILL) when it has not after the given time.</summary>
    public async Task<int> StopAsync(TimeSpan patience)
    {
        Signal(ProcessSignal.Terminate);
        try
        {
            return await Exited.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            Signal(ProcessSignal.Kill);
            return await Exited;
        }
    }

    /// <summary>Ends the process if it still runs.</summary>
    public void Dispose()
    {
        Signal(ProcessSignal.Kill);
        if (_exited.Task.IsCompleted)
            _process.Dispose();
    }

    private static string[] Binding()
        => OperatingSystem.IsLinux() && Executables.OnPath("setsid") is { } setsid && Executables.OnPath("setpriv") is { } setpriv
            ? [setsid, setpriv, "--pdeathsig", "TERM", "--"]
            : [];

    private void Run(TaskCompletionSource started, Action<string>? output)
    {
        try
        {
            if (output is not null)
            {
                _process.OutputDataReceived += (_, line) => Tell(line.Data);
                _process.ErrorDataReceived += (_, line) => Tell(line.Data);
            }

            _process.Start();
            if (output is not null)
            {
                _process.BeginOutputReadLine();
                _process.BeginErrorReadLine();
            }
        }
        catch (Exception failure)
        {
            _exited.TrySetResult(-1);
            started.SetException(failure);
            return;
        }

        started.SetResult();
        _process.WaitForExit();
        _exited.SetResult(_process.ExitCode);

        void Tell(string? line)
        {
            if (line is not null)
                output(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}

/// <summary>A signal and its number in POSIX.</summary>
public enum ProcessSignal
{
    None = 0,
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
}
