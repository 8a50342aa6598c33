namespace OrleansMesh.EventStore.Writing;

internal sealed class PendingAppend(IReadOnlyList<StreamAppend> appends, int size) : PendingWrite<AppendResult>
{
    public override int Size => size;

    public IReadOnlyList<StreamAppend> Appends => appends;

    /// <summary>Adds its events to what the batch appends, or, where a stream is at another version than was expected or an event may not be written, none of them.</summary>
    public void Stage(EventDraft draft)
    {
        foreach (var append in appends)
        {
            var actual = draft.Head(append.Stream).Version;
            if (actual != append.ExpectedVersion)
            {
                Refuse(new WrongExpectedVersionException(append.Stream, append.ExpectedVersion, actual));
                return;
            }
        }

        foreach (var added in appends.SelectMany(static append => append.Events))
        {
            if (draft.Refusal(added.Type) is { } refusal)
            {
                Refuse(refusal);
                return;
            }
        }

        var first = draft.Position + 1;
        foreach (var append in appends)
        {
            foreach (var added in append.Events)
                draft.Append(append.Stream, added);
        }

        Accept(new AppendResult(first, draft.Position));
    }
}
