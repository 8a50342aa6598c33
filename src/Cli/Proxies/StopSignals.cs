using System.Runtime.InteropServices;

namespace OrleansMesh.Cli.Proxies;

/// <summary>Catches the signals by which this process is asked to stop: SIGTERM, SIGINT and SIGHUP. While it lives they do not end the process.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _urgent = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _first;

    public StopSignals()
        => _registrations = [Catch(PosixSignal.SIGTERM, 15), Catch(PosixSignal.SIGINT, 2), Catch(PosixSignal.SIGHUP, 1)];

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Is cancelled by a second signal.</summary>
    public CancellationToken Urgent => _urgent.Token;

    /// <summary>The exit code of a process that the first signal ended.</summary>
    public int ExitCode => 128 + _first;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _asked.Dispose();
        _urgent.Dispose();
    }

    private PosixSignalRegistration Catch(PosixSignal signal, int number)
        => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (Interlocked.CompareExchange(ref _first, number, 0) == 0)
                _asked.Cancel();
            else
                _urgent.Cancel();
        });
}
