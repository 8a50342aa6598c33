using System.Text.RegularExpressions;

namespace OrleansMesh.Architecture.Tests;

/// <summary>
/// Timing of token comparison is constant by construction: nothing compares a token, a secret or a signature with another. Tokens are verified by their
/// signature; where bytes of a secret are compared, it is by <c>CryptographicOperations.FixedTimeEquals</c>.
/// </summary>
public sealed partial class TokenComparisonTests
{
    [Fact]
    public void No_token_or_secret_is_compared_as_text_or_bytes()
    {
        var offences =
            from file in Repository.SourceFiles("src")
            from line in File.ReadLines(file)
            let code = line.Split("//")[0]
            where Compared().IsMatch(code) && !Harmless().IsMatch(code)
            select $"{Path.GetRelativePath(Repository.Root, file)}: {line.Trim()}";
        Assert.Empty(offences);
    }

    [Theory]
    [InlineData("if (token == expected)", true)]
    [InlineData("return string.Equals(presentedToken, stored, StringComparison.Ordinal);", true)]
    [InlineData("secret.SequenceEqual(other)", true)]
    [InlineData("tokens.Contains(bearer)", true)]
    [InlineData("if (signature != given)", true)]
    [InlineData("if (token == null)", false)]
    [InlineData("if (token.Length == 0)", false)]
    [InlineData("if (tokenId == other)", false)]
    public void What_is_looked_for_is_found(string code, bool offends) => Assert.Equal(offends, Compared().IsMatch(code) && !Harmless().IsMatch(code));

    // A name that ends in one of these words holds the thing itself, not its identity, its file or its length.
    [GeneratedRegex(
        """
        \b\w*(token|secret|password|signature|bearer)s?\b(?<!cancellationToken|CancellationToken)\s*((==|!=)|\.(Equals|SequenceEqual|CompareTo|Contains|StartsWith|EndsWith)\()
        |(==|!=)\s*\w*(token|secret|password|signature|bearer)\b(?!\s*[.(])
        |\bEquals\((\w+,\s*)?\w*(token|secret|password|signature|bearer)\b\s*[,)]
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Compared();

    // Whether there is one at all, which kind of resource something is, and what a setting or an option is called.
    [GeneratedRegex("""(==|!=)\s*(null|""|ResourceTypes\.)|ResourceTypes\.(Global)?Secret|StartsWith\(Bearer""", RegexOptions.IgnoreCase)]
    private static partial Regex Harmless();
}
