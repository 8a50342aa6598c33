using System.Globalization;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.History;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.Silo.Access;

namespace OrleansMesh.Silo.Rest;

/// <summary>
/// Who changed what, when, and what caused it: <c>GET /meshes/{mesh}/{plural}/{name}/_history</c>, <c>/meshes/{name}/_history</c> for meshes. The
/// newest first; <c>since</c> an instant, <c>size</c> at most so many, <c>before</c> a version of the stream. Things that were deleted keep theirs.
/// </summary>
internal sealed class HistoryEndpoints(IEventStore store)
{
    private const int DefaultSize = 100;
    private const int LargestSize = 1000;
    private const string NotRetrieved = "Could not retrieve a history";

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var kind in HistorySubjects.All)
        {
            var one = kind.Scope is ResourceScope.Global ? $"/{kind.Plural}/{{name}}/_history" : $"/meshes/{{mesh}}/{kind.Plural}/{{name}}/_history";
            routes.MapGet(one, async context => await (await HistoryOf(kind, context)).ExecuteAsync(context)).Needs(context => [Viewing(kind, context)]);
        }
    }

    // As with the things themselves: what a secret was called, and when it changed, is for those to whom secrets are named.
    private static Operation Viewing(HistoryKind kind, HttpContext context)
        => ResourceTypes.FindByPlural(kind.Plural) is { } type
            ? Operation.With(Right.ViewHistory, type, context.RouteText("mesh"), context.RouteText("name")!)
            : new Operation(Right.ViewHistory, Mesh: context.RouteText("mesh"), Name: context.RouteText("name"));

    private async Task<IResult> HistoryOf(HistoryKind kind, HttpContext context)
    {
        var (mesh, name) = (context.RouteText("mesh") ?? "", context.RouteText("name")!);
        var problems = new List<FieldProblem>();
        var size = (int)Number("size", DefaultSize, LargestSize);
        var before = Number("before", long.MaxValue, long.MaxValue);
        var since = Since();
        if (problems.Count > 0)
            return new ProblemAnswer(StatusCodes.Status400BadRequest, NotRetrieved, "The query is not valid", problems.ToValueList());
        if (!IsName(name) || (kind.Scope is ResourceScope.Mesh && !IsName(mesh)))
            return Unknown(kind, mesh, name);

        // The newest are the last that are read, so no more than a page of them is ever kept.
        var (total, newer, exists, page) = (0, 0, false, new Queue<Entry>());
        var history = kind.Start(name);
        await foreach (var recorded in store.ReadStreamAsync(kind.StreamOf(mesh, name), cancellationToken: context.RequestAborted))
        {
            (history, var change) = history.After(EventCodec.Decode(recorded.Type, recorded.Data.Span));
            if (change is null)
                continue;
            exists = true;
            if (recorded.Context.At < since)
                continue;
            total++;
            if (recorded.Version >= before)
            {
                newer++;
                continue;
            }

            page.Enqueue(new(recorded, change));
            if (page.Count > size)
                page.Dequeue();
        }

        if (!exists)
            return Unknown(kind, mesh, name);
        return new JsonAnswer(new JsonObject
        {
            ["total"] = total,
            ["items"] = ApiJson.Array(page.Reverse().Select(Write)),
            ["next"] = total - newer > page.Count ? NextUrl(context.Request, page.Peek().Recorded.Version) : null,
        });

        long Number(string field, long standard, long largest)
        {
            if (context.Request.Query[field] is not [{ } text, ..])
                return standard;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= largest)
                return number;
            problems.Add(new(field, $"expected a number from 1 to {largest}"));
            return standard;
        }

        DateTimeOffset Since()
        {
            if (context.Request.Query["since"] is not [{ } text, ..])
                return DateTimeOffset.MinValue;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since))
                return since;
            problems.Add(new("since", "expected an instant such as 2026-11-25T12:00:00Z"));
            return default;
        }
    }

    private static ProblemAnswer Unknown(HistoryKind kind, string mesh, string name)
        => new(StatusCodes.Status404NotFound, NotRetrieved, $"there never was a {kind.Title(mesh, name)}");

    private static JsonNode Write(Entry entry) => new JsonObject
    {
        ["position"] = entry.Recorded.Position,
        ["version"] = entry.Recorded.Version,
        ["time"] = ApiJson.Time(entry.Recorded.Context.At),
        ["actor"] = entry.Recorded.Context.Actor,
        ["cause"] = entry.Recorded.Context.Cause,
        ["type"] = entry.Recorded.Type,
        ["description"] = entry.Change.Description,
        ["changes"] = ApiJson.Array(entry.Change.Fields().Select(Write)),
    };

    private static JsonNode Write(FieldChange change) => new JsonObject { ["field"] = change.Field, ["before"] = change.Before, ["after"] = change.After };

    private static string NextUrl(HttpRequest request, long before)
    {
        var query = QueryString.Create(request.Query.Where(q => q.Key is not "before")
            .Append(new("before", before.ToString(CultureInfo.InvariantCulture))));
        return $"{request.Scheme}://{request.Host}{request.Path.ToUriComponent()}{query}";
    }

    // What no stream can be called has no history.
    private static bool IsName(string text) => text.Length is > 0 and <= 253 && text.All(c => c is > ' ' and <= '~' and not '/');

    private sealed record Entry(RecordedEvent Recorded, SubjectChange Change);
}
