using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Tests.Reading;

public sealed class AccessReaderTests
{
    [Theory]
    [InlineData("""{"type":"AccessRole","name":"r","rules":[{"types":["TrafficPermission","Secret"],"names":["p"],"mesh":"a","access":["READ","UPDATE"]},{"access":["ADMINISTER"]}]}""")]
    [InlineData("""{"type":"AccessRoleBinding","name":"b","subjects":[{"type":"User","name":"john"},{"type":"Group","name":"team a"}],"roles":["r"]}""")]
    public void What_is_read_is_written_again(string document)
        => Assert.Equal(document, ResourceWriter.Write(Assert.Single(ResourceReader.Read(document)).Resource!).ToJsonString());

    [Fact]
    public void Every_right_that_a_role_can_give_is_read()
    {
        foreach (var right in Enum.GetValues<Right>().Except([Right.None, Right.Authenticated]))
        {
            var role = Assert.Single(ResourceReader.Read($$"""{"type":"AccessRole","name":"r","rules":[{"access":["{{right.NameOf()}}"]}]}""")).Resource;
            Assert.Equal([right], Assert.Single(Assert.IsType<AccessRole>(role).Rules).Access);
        }
    }

    [Theory]
    [InlineData("""{"type":"AccessRole","name":"r"}""", "rules")]
    [InlineData("""{"type":"AccessRole","name":"r","rules":[{}]}""", "rules[0].access")]
    [InlineData("""{"type":"AccessRole","name":"r","rules":[{"access":["RAED"]}]}""", "rules[0].access[0]")]
    [InlineData("""{"type":"AccessRole","name":"r","rules":[{"access":["AUTHENTICATED"]}]}""", "rules[0].access[0]")]
    [InlineData("""{"type":"AccessRole","name":"r","rules":[{"access":["READ"],"types":["Meshes"]}]}""", "rules[0].types[0]")]
    [InlineData("""{"type":"AccessRole","name":"r","rules":[{"access":["READ"],"mesh":"a.b"}]}""", "rules[0].mesh")]
    [InlineData("""{"type":"AccessRole","name":"r","rules":[{"access":["READ"],"when":[]}]}""", "rules[0].when")]
    [InlineData("""{"type":"AccessRole","name":"r","rules":[{"access":["READ"],"typs":[]}]}""", "rules[0].typs")]
    [InlineData("""{"type":"AccessRoleBinding","name":"b","roles":["r"]}""", "subjects")]
    [InlineData("""{"type":"AccessRoleBinding","name":"b","subjects":[{"type":"user","name":"x"}],"roles":["r"]}""", "subjects[0].type")]
    [InlineData("""{"type":"AccessRoleBinding","name":"b","subjects":[{"type":"User","name":""}],"roles":["r"]}""", "subjects[0].name")]
    [InlineData("""{"type":"AccessRoleBinding","name":"b","subjects":[{"type":"User","name":"x"}]}""", "roles")]
    public void What_would_not_mean_what_it_says_is_refused(string document, string field)
        => Assert.Equal(field, Assert.Single(Assert.Single(ResourceReader.Read(document)).Problems).Field);
}
