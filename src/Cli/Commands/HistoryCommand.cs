using System.CommandLine;
using System.Globalization;
using OrleansMesh.Cli.ControlPlane;
using OrleansMesh.Cli.Output;
using OrleansMesh.Domain.History;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Cli.Commands;

/// <summary><c>history KIND NAME</c>.</summary>
internal sealed class HistoryCommand : Command
{
    private const int LargestPage = 1000;

    public HistoryCommand(Terminal terminal, SharedOptions shared)
        : base("history", "Shows who changed what, when, and what caused it; the newest first. What was deleted keeps its history.")
    {
        var kind = new Argument<HistoryKind>("KIND")
        {
            HelpName = "KIND",
            Description = $"One of {Kinds}.",
            CustomParser = result =>
            {
                var name = result.Tokens[0].Value;
                if (HistorySubjects.All.FirstOrDefault(k => name.Equals(k.Singular, StringComparison.OrdinalIgnoreCase) || name.Equals(k.Plural, StringComparison.OrdinalIgnoreCase))
                    is { } found)
                {
                    return found;
                }

                // A type of resource has further names.
                if (ResourceTypeArgument.Find(name) is { } type)
                    return HistorySubjects.All.First(k => k.Plural == type.Plural);
                result.AddError($"nothing of the kind '{name}' has a history; there are {Kinds}");
                return null!;
            },
        };
        kind.CompletionSources.Add(_ => HistorySubjects.All.Select(k => new System.CommandLine.Completions.CompletionItem(k.Singular)));
        var name = new Argument<string>("NAME") { Description = "Its name." };
        var since = new Option<DateTimeOffset?>("--since")
        {
            Description = "Only what happened since then: a duration back from now, such as 2h, or an instant, such as 2026-11-25T12:00:00Z.",
            HelpName = "DURATION|TIME",
            CustomParser = result => Instant(result.Tokens[0].Value, terminal.Clock.GetUtcNow(), result.AddError),
        };
        var limit = new Option<int>("--limit") { Description = "At most so many changes.", HelpName = "N", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--limit: expected a number of at least 1");
        });
        Add(kind);
        Add(name);
        Add(since);
        Add(limit);
        SetAction(async (parsed, cancellation) =>
        {
            var (subject, mesh, most) = (parsed.GetRequiredValue(kind), parsed.GetRequiredValue(shared.Mesh), parsed.GetRequiredValue(limit));
            var query = $"?size={Math.Min(most, LargestPage)}";
            if (parsed.GetValue(since) is { } instant)
                query += $"&since={instant.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffffffZ}";
            using var controlPlane = shared.Connect(parsed);
            var changes = await controlPlane.ListAsync(subject.PathOf(mesh, parsed.GetRequiredValue(name)) + query, most, cancellation);
            if (parsed.GetValue(shared.Output) is not OutputFormat.Table and var format)
                ResultText.WriteList(terminal, format, changes);
            else
                HistoryReport.Write(terminal, changes);
            return Meshctl.Done;
        });
    }

    private static string Kinds => string.Join(", ", HistorySubjects.All.Select(k => k.Singular));

    private static DateTimeOffset? Instant(string text, DateTimeOffset now, Action<string> reject)
    {
        if (MeshDurationText.TryParse(text, out var back))
            return now - back.Value;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
            return instant;
        reject($"--since: '{text}' is neither a duration, such as 2h or 7d, nor an instant, such as 2026-11-25T12:00:00Z");
        return null;
    }
}
