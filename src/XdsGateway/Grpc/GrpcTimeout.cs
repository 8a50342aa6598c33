using System.Globalization;

namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>The value of the header <c>grpc-timeout</c>: one to eight digits and a unit. Source: grpc/grpc, doc/PROTOCOL-HTTP2.md.</summary>
internal static class GrpcTimeout
{
    /// <summary>A longer time-out is as good as none; a timer cannot hold it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return false;
        }

        decimal ticks = text[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            'n' => 1m / TimeSpan.NanosecondsPerTick,
            _ => -1,
        };
        if (ticks < 0)
            return false;

        timeout = TimeSpan.FromTicks((long)Math.Min(decimal.Ceiling(amount * ticks), Longest.Ticks));
        return true;
    }
}
