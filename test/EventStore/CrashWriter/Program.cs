using System.Security.Cryptography;
using System.Text;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Sqlite;

// Appends from several tasks until it is killed. One line for each acknowledged event, in one write of its own, so that a line which
// the reader of standard output sees was acknowledged:
//   ack {stream} {version} {position} {SHA-256 of the data}
// and one for an append that the store refused as unavailable:
//   unavailable {stream}
// Usage: CrashWriter DIRECTORY WRITERS
var directory = args[0];
var writers = int.Parse(args[1]);
await using var store = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = directory });
using var output = Console.OpenStandardOutput();
var gate = new Lock();
Print("open\n");
await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAsync(writer))));

async Task WriteAsync(int writer)
{
    var name = $"crash/{writer}";
    var pair = $"pair/{writer}";
    while (true)
    {
        var version = await VersionAsync(name);
        var pairVersion = await VersionAsync(pair);
        try
        {
            while (true)
            {
                var count = Random.Shared.Next(1, 4);
                var events = Enumerable.Range(0, count).Select(_ => Event(Random.Shared.Next(0, 3000))).ToList();
                var other = Event(10);
                var result = await store.AppendAsync([new StreamAppend(name, version, events), new StreamAppend(pair, pairVersion, [other])]);
                var lines = new StringBuilder();
                for (var i = 0; i < count; i++)
                    lines.Append(Acknowledged(name, version + i + 1, result.FirstPosition + i, events[i]));
                lines.Append(Acknowledged(pair, pairVersion + 1, result.Position, other));
                Print(lines.ToString());
                version += count;
                pairVersion++;
            }
        }
        catch (EventStoreUnavailableException)
        {
            Print($"unavailable {name}\n");
            await Task.Delay(20);
        }
    }
}

async Task<long> VersionAsync(string stream)
{
    await foreach (var found in store.ListStreamsAsync(stream))
    {
        if (found.Name == stream)
            return found.Version;
    }

    return 0;
}

static NewEvent Event(int size) => new(
    "Written",
    Encoding.UTF8.GetBytes($"{{\"random\":\"{Convert.ToHexString(RandomNumberGenerator.GetBytes(size / 2))}\"}}"),
    new EventContext("system", DateTimeOffset.UtcNow, "crash test"));

static string Acknowledged(string stream, long version, long position, NewEvent added) =>
    $"ack {stream} {version} {position} {Convert.ToHexString(SHA256.HashData(added.Data.Span))}\n";

void Print(string text)
{
    lock (gate)
        output.Write(Encoding.ASCII.GetBytes(text));
}
