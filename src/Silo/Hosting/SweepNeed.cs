namespace OrleansMesh.Silo.Hosting;

/// <summary>
/// Whether a sweep may find something left undone. One that left nothing undone has said all that the log says to everybody whom it concerns: until the log says
/// more, the next one would find nothing, at the price of asking thousands of grains.
/// </summary>
/// <param name="always">Something may be lost although nothing happened, as where grains move from silo to silo.</param>
internal sealed class SweepNeed(bool always)
{
    private long _settled = -1;

    /// <param name="lastNews">See <see cref="Index.IndexState.LastNews"/>; that of the moment before the sweep.</param>
    public bool MayFindSomething(long lastNews) => always || lastNews > _settled;

    /// <summary>A sweep has ended.</summary>
    /// <param name="lastNews">That of the moment before it.</param>
    public void Swept(long lastNews, bool leftNothing)
    {
        if (leftNothing)
            _settled = lastNews;
    }

    /// <summary>Others may have swept meanwhile, or nobody.</summary>
    public void Forget() => _settled = -1;
}
