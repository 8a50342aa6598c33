using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Tests.Ads;

public sealed class RejectedNamesTests
{
    [Theory]
    [InlineData("Error adding/updating cluster(s) web: bad, api.v1: worse.", "web,api.v1")]
    [InlineData("Error adding/updating listener(s) inbound:10.0.0.1:80: no filter", "inbound:10.0.0.1:80")]
    [InlineData("duplicate 'web-2' found", "web-2")]
    [InlineData("web is wrong, and nothing else is: web", "web")]
    [InlineData("Proto constraint validation failed", "web,web-2,api.v1,api,inbound:10.0.0.1:80")]
    [InlineData("", "web,web-2,api.v1,api,inbound:10.0.0.1:80")]
    public void A_message_is_about_the_names_in_it(string message, string expected) =>
        Assert.Equal(expected.Split(','), RejectedNames.Find(message, ["web", "web-2", "api.v1", "api", "inbound:10.0.0.1:80"]));
}
