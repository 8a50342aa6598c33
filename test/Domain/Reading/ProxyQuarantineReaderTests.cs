using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Tests.Reading;

public class ProxyQuarantineReaderTests
{
    [Theory]
    [InlineData("", "proxy: must be set: the name of the Dataplane that is shut out")]
    [InlineData("proxy: 1", "proxy: must be a string; put it in quotes: \"1\"")]
    [InlineData("proxy: ''", "proxy: cannot be empty")]
    [InlineData("proxy: web-1\nproxies: [web-2]", "proxies: unknown field; expected one of type, mesh, name, labels, creationTime, modificationTime, kri, proxy, reason")]
    [InlineData("proxy: web-1\nreason: [leaked]", "reason: must be a string")]
    public void Every_problem_is_named(string spec, params string[] problems)
        => Assert.Equal(problems, Read.Problems($"type: ProxyQuarantine\nname: stolen\n{spec}"));

    [Fact]
    public void A_reason_has_an_end()
        => Assert.Equal(["reason: cannot be longer than 1024 characters"], Read.Problems($"type: ProxyQuarantine\nname: q\nproxy: web-1\nreason: {new string('x', 1025)}"));

    [Fact]
    public void A_name_that_no_proxy_can_have_is_refused()
        => Assert.StartsWith("proxy: invalid characters", Assert.Single(Read.Problems("type: ProxyQuarantine\nname: q\nproxy: a/b")), StringComparison.Ordinal);

    [Fact]
    public void Both_forms_are_read()
    {
        var expected = new ProxyQuarantine("default", "stolen", "web-1", "found in a paste");
        Assert.Equal(expected, Read.Valid("type: ProxyQuarantine\nname: stolen\nproxy: web-1\nreason: found in a paste"));
        Assert.Equal(expected, Read.Valid("""
            apiVersion: kuma.io/v1alpha1
            kind: ProxyQuarantine
            mesh: default
            metadata: {name: stolen}
            spec: {proxy: web-1, reason: found in a paste}
            """));
    }
}
