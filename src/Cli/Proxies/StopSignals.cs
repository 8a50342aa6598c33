using System.Runtime.InteropServices;

namespace OrleansMesh.Cli.Proxies;

/// <summary>Catches the signals by which this process is asked to stop: SIGTERM, SIGINT and SIGHUP. While it lives they do not end the process.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource<int> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals()
        => _registrations = [Catch(PosixSignal.SIGTERM, 15), Catch(PosixSignal.SIGINT, 2), Catch(PosixSignal.SIGHUP, 1)];

    /// <summary>Completes with the number of the first signal.</summary>
    public Task<int> First => _first.Task;

    /// <summary>Completes when a second signal says that it is urgent.</summary>
    public Task Second => _second.Task;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private PosixSignalRegistration Catch(PosixSignal signal, int number)
        => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (!_first.TrySetResult(number))
                _second.TrySetResult();
        });
}
