namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// Which resources a NACK is about. The protocol does not say; Envoy's message does, in words ("Error adding/updating cluster(s) web: …").
/// </summary>
internal static class RejectedNames
{
    /// <summary>The <paramref name="candidates"/> that <paramref name="message"/> names as a whole word; when it names none, all of them.</summary>
    public static IReadOnlyList<string> Find(string message, IReadOnlyList<string> candidates)
    {
        var named = candidates.Where(name => Mentions(message, name)).ToList();
        return named.Count > 0 ? named : candidates;
    }

    private static bool Mentions(string message, string name)
    {
        if (name.Length == 0)
            return false;
        for (var at = message.IndexOf(name, StringComparison.Ordinal); at >= 0; at = message.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            if (!ContinuesName(message, at - 1) && !ContinuesName(message, at + name.Length))
                return true;
        }

        return false;
    }

    // A colon or a full stop may also end a name in a sentence: then it is followed by no further letter or digit.
    private static bool ContinuesName(string message, int at)
    {
        if (at < 0 || at >= message.Length)
            return false;
        return message[at] switch
        {
            var c when char.IsLetterOrDigit(c) => true,
            '_' or '-' or '/' => true,
            ':' or '.' => at + 1 < message.Length && char.IsLetterOrDigit(message[at + 1]),
            _ => false,
        };
    }
}
