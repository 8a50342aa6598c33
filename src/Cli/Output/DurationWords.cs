namespace OrleansMesh.Cli.Output;

/// <summary>Durations as people say them.</summary>
internal static class DurationWords
{
    /// <summary>The two largest units: <c>23h 59m</c>, <c>12d 4h</c>, <c>45s</c>. Negative durations count as none.</summary>
    public static string Short(TimeSpan duration)
        => duration switch
        {
            { Ticks: <= 0 } => "0s",
            { TotalMinutes: < 1 } => $"{duration.Seconds}s",
            { TotalHours: < 1 } => $"{duration.Minutes}m {duration.Seconds}s",
            { TotalDays: < 1 } => $"{duration.Hours}h {duration.Minutes}m",
            { TotalDays: < 365 } => $"{(int)duration.TotalDays}d {duration.Hours}h",
            _ => $"{(int)(duration.TotalDays / 365)}y {(int)duration.TotalDays % 365}d",
        };

    /// <summary>As Go's <c>time.Duration</c> writes it, whole seconds: <c>24h0m0s</c>. The API reads durations in that form.</summary>
    public static string Go(TimeSpan duration) => $"{(long)duration.TotalHours}h{duration.Minutes}m{duration.Seconds}s";
}
