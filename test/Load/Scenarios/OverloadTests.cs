using System.Text.Json.Nodes;

namespace OrleansMesh.Load.Tests.Scenarios;

[Trait("Category", "Slow")]
[Collection(LoadCommandTests.OneAtATime)]
public sealed class OverloadTests
{
    /// <summary>A thousand come at once to a server that gets what one processor has left: none is refused, and those who were there hear of changes meanwhile.</summary>
    [Fact]
    public async Task All_get_in_and_changes_go_their_way_meanwhile()
    {
        var json = Path.GetTempFileName();
        try
        {
            var exitCode = await LoadCommand.InvokeAsync(
            [
                "--proxies", "20", "--services", "100", "--outbounds", "5", "--overload", "1000", "--server-processors", "1", "--server-nice", "19", "--patience", "240", "--json", json,
            ]);
            var scenarios = JsonNode.Parse(await File.ReadAllTextAsync(json))!["scenarios"]!.AsArray();
            JsonNode Of(string name) => scenarios.Single(s => s!["name"]!.GetValue<string>() == name)!;
            var overload = Of("overload");
            Assert.Empty(overload["missed"]!.AsArray());
            Assert.Equal(0, exitCode);
            Assert.Equal(1000, overload["receivers"]!.GetValue<int>());
            Assert.Equal(0, overload["disconnects"]!.GetValue<long>());

            // Every change reached each of the twenty, and there were some.
            var changes = Of("overload, changes meanwhile");
            Assert.InRange(changes["changes"]!.GetValue<int>(), 1, int.MaxValue);
            Assert.Equal(20 * changes["changes"]!.GetValue<int>(), changes["receivers"]!.GetValue<int>());

            // They did wait for their turn.
            Assert.Matches("at most [1-9][0-9]* seen waiting", overload["note"]!.GetValue<string>());
        }
        finally
        {
            File.Delete(json);
        }
    }
}
