using System.Text;

namespace OrleansMesh.EventStore.Tests;

internal static class TestEvents
{
    public static readonly DateTimeOffset At = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1234567);

    public static NewEvent Event(string value = "x", string type = "Happened") =>
        new(type, Encoding.UTF8.GetBytes($"{{\"value\":\"{value}\"}}"), new EventContext("user:ada", At, "request-1"));

    public static StreamAppend To(string stream, long expected, params string[] values) =>
        new(stream, expected, [.. values.Select(value => Event(value))]);

    public static string Value(RecordedEvent found)
    {
        var json = Encoding.UTF8.GetString(found.Data.Span);
        return json["{\"value\":\"".Length..^2];
    }

    public static async Task<List<T>> ListAsync<T>(this IAsyncEnumerable<T> source)
    {
        var list = new List<T>();
        await foreach (var item in source)
            list.Add(item);
        return list;
    }
}
