using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansMesh.Domain.Values;

/// <summary>Reads durations: numbers with units, largest unit first, none twice: <c>1d</c>, <c>1h30m</c>, <c>24h0m0s</c>.</summary>
public static class MeshDurationText
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("y", TimeSpan.FromDays(365)), ("w", TimeSpan.FromDays(7)), ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>False for null, empty text, an unknown unit, a unit out of order, or more than 1,000 years.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out MeshDuration? duration)
    {
        duration = null;
        if (string.IsNullOrEmpty(text))
            return false;
        var total = TimeSpan.Zero;
        var lastUnit = -1;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is <= 0 or > 9)
                return false;
            var letters = rest[digits..].IndexOfAnyInRange('0', '9');
            var unitText = letters < 0 ? rest[digits..] : rest.Slice(digits, letters);
            var unit = -1;
            for (var i = 0; i < Units.Length; i++)
            {
                if (unitText.SequenceEqual(Units[i].Unit))
                    unit = i;
            }

            if (unit <= lastUnit)
                return false;
            lastUnit = unit;
            var count = int.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            if (count * Units[unit].Length.TotalDays > 365_000)
                return false;
            total += count * Units[unit].Length;
            rest = rest[(digits + unitText.Length)..];
        }

        duration = new MeshDuration(text, total);
        return true;
    }
}
