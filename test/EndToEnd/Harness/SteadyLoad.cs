using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>One request every so often, whatever becomes of those before; and what became of each.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Answer> _answers = new();
    private readonly Task _running;

    private SteadyLoad(HttpClient client, int perSecond)
    {
        _client = client;
        _running = RunAsync(TimeSpan.FromSeconds(1.0 / perSecond));
    }

    /// <summary>An answer, or why there was none.</summary>
    /// <param name="SentAt">A <see cref="Stopwatch"/> time stamp.</param>
    /// <param name="Body">What was answered, or the failure's text.</param>
    public sealed record Answer(long SentAt, HttpStatusCode? Status, string Body);

    public IReadOnlyCollection<Answer> Answers => _answers;

    public static SteadyLoad Start(HttpClient client, int perSecond = 50) => new(client, perSecond);

    /// <summary>Waits until that many more answers have come.</summary>
    public async Task GoesOnFor(int answers)
    {
        var goal = _answers.Count + answers;
        await Eventually.BecomesTrue($"{answers} more answers", () => Task.FromResult(_answers.Count >= goal));
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(TimeSpan every)
    {
        using var clock = new PeriodicTimer(every);
        var calls = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            await clock.WaitForNextTickAsync();
            calls.Add(CallAsync());
        }

        await Task.WhenAll(calls);
    }

    private async Task CallAsync()
    {
        var sentAt = Stopwatch.GetTimestamp();
        try
        {
            using var response = await _client.GetAsync("/");
            _answers.Enqueue(new Answer(sentAt, response.StatusCode, await response.Content.ReadAsStringAsync()));
        }
        catch (Exception e)
        {
            _answers.Enqueue(new Answer(sentAt, null, e.Message));
        }
    }
}
