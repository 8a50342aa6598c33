namespace OrleansMesh.Silo.Rest;

/// <summary>The path as a client wrote it, before it was made canonical.</summary>
internal static class RequestTarget
{
    /// <summary>
    /// Whether the path has a segment <c>.</c> or <c>..</c>, which becomes another path: a client that puts a name into a path and is given such a
    /// one would delete a whole mesh where it meant one thing in it.
    /// </summary>
    /// <param name="target">RFC 9112's request target; what follows a <c>?</c> is no path.</param>
    public static bool HasDotSegment(string target)
    {
        var path = target.AsSpan();
        if (path.IndexOf('?') is >= 0 and var query)
            path = path[..query];
        foreach (var range in path.Split('/'))
        {
            if (path[range].ToString().Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..")
                return true;
        }

        return false;
    }
}
