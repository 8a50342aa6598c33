namespace OrleansMesh.EventStore.Transfer;

/// <summary>Counts the snapshots that are as they were written, and has a warning for each that is not.</summary>
internal sealed class SnapshotTally(List<string> warnings)
{
    public long Intact { get; private set; }

    /// <param name="checksum">What is kept beside it.</param>
    /// <param name="streamVersion">The version of its stream; 0 where there is none.</param>
    public void Add(StreamSnapshot snapshot, ReadOnlySpan<byte> checksum, long streamVersion)
    {
        if (checksum.SequenceEqual(SnapshotChecksum.Of(snapshot)) && snapshot.Version <= streamVersion)
            Intact++;
        else
            warnings.Add($"the snapshot of stream '{snapshot.Stream}', schema {snapshot.Schema}, is damaged: the stream's events are read instead");
    }
}
