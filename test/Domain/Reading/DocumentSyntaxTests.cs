using System.Text;
using FsCheck;
using FsCheck.Xunit;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Tests.Reading;

public class DocumentSyntaxTests
{
    [Theory]
    [InlineData("")]
    [InlineData("---\n")]
    [InlineData("# nothing\n---\n---\n...\n")]
    [InlineData("\uFEFF")]
    public void A_text_without_a_document_has_no_result(string text) => Assert.Empty(ResourceReader.Read(text));

    [Fact]
    public void Empty_documents_are_passed_over()
    {
        var results = ResourceReader.Read("---\n# first\n---\ntype: Mesh\nname: a\n---\n\n---\ntype: Mesh\nname: b\n...\n");
        Assert.Equal(["a", "b"], results.Select(r => r.Name));
        Assert.Equal([4, 9], results.Select(r => r.Line));
    }

    [Fact]
    public void Documents_before_a_syntax_error_are_read_and_those_after_it_are_not()
    {
        var results = ResourceReader.Read("type: Mesh\nname: a\n---\ntype: Mesh\nname: [\n---\ntype: Mesh\nname: c\n");
        Assert.Equal(2, results.Count);
        Assert.Equal("a", results[0].Resource!.Name);
        Assert.Null(results[1].Resource);
        Assert.StartsWith("is not valid YAML: line ", Assert.Single(results[1].Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type: Mesh\nname: a\nname: b\n", "is not valid YAML: line 3, column 1: the key 'name' appears twice")]
    [InlineData("type: Mesh\n\"name\": a\nname: b\n", "is not valid YAML: line 3, column 1: the key 'name' appears twice")]
    [InlineData("type: Mesh\nname: *a\n", "is not valid YAML: line 2, column 7: the alias '*a' has no anchor before it")]
    [InlineData("type: Mesh\nname: &a [*a]\n", "is not valid YAML: line 2, column 11: the alias '*a' has no anchor before it")]
    [InlineData("type: Mesh\n? [a]\n: b\n", "is not valid YAML: line 2, column 3: a key must be plain text")]
    [InlineData("type: Mesh\nname: !thing a\n", "is not valid YAML: line 2, column 7: the tag '!thing' does not fit 'a'; only the tags of YAML's core schema are known")]
    [InlineData("type: Mesh\nname: !!int a\n", "is not valid YAML: line 2, column 7: the tag 'tag:yaml.org,2002:int' does not fit 'a'; only the tags of YAML's core schema are known")]
    [InlineData("type: Mesh\nname: .inf\n", "is not valid YAML: line 2, column 7: '.inf' is not a number that JSON has; put it in quotes if it is meant as text")]
    [InlineData("type: Mesh\nname: 99999999999999999999999999999999\n", "is not valid YAML: line 2, column 7: the number 99999999999999999999999999999999 is too large; put it in quotes if it is meant as text")]
    [InlineData("apiVersion: {kuma.io/v1alpha1\nkind: Mesh\n", "is not valid YAML: line 1, column 13: what follows could not be understood")]
    [InlineData("{not json", "is not valid JSON: line 1, column 2: 'n' is an invalid start of a property name. Expected a '\"'.")]
    [InlineData("{\"type\": \"Mesh\", \"name\": \"\\ud800\"}", "is not valid JSON: a text has an escape such as \\ud800, half of a character")]
    [InlineData("{\"type\": \"Mesh\", \"labels\": {\"a\": [\"\\udc00\\ud800\"]}}", "is not valid JSON: a text has an escape such as \\ud800, half of a character")]
    [InlineData("{\"type\": \"Mesh\", \"\\ud800\": 1}", "is not valid JSON: a text has an escape such as \\ud800, half of a character")]
    [InlineData("{\"type\": \"Mesh\",\n \"name\": \"a\" \"b\"}", "is not valid JSON: line 2, column 14: '\"' is invalid after a value. Expected either ',', '}', or ']'.")]
    public void A_syntax_error_says_where(string text, string problem)
        => Assert.Equal(problem, Assert.Single(Assert.Single(ResourceReader.Read(text)).Problems).ToString());

    [Fact]
    public void The_same_name_twice_in_JSON_is_an_error()
    {
        var result = Assert.Single(ResourceReader.Read("""{"type": "Mesh", "name": "a", "name": "b"}""", DocumentFormat.Json));
        Assert.StartsWith("is not valid JSON: line 1, column ", Assert.Single(result.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_JSON_is_asked_for_YAML_is_an_error()
        => Assert.StartsWith(
            "is not valid JSON: ",
            Assert.Single(Assert.Single(ResourceReader.Read("type: Mesh\nname: a\n", DocumentFormat.Json)).Problems).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("{type: Mesh, name: a}")] // flow style looks like JSON
    [InlineData("{\"type\": \"Mesh\", name: 'a'}\n---\n")]
    [InlineData("  {\"type\": \"Mesh\",\n\t\"name\": \"a\"}\n")] // JSON with a tab, which YAML has not
    [InlineData("\uFEFF{\"type\": \"Mesh\", \"name\": \"a\"}")]
    [InlineData("%YAML 1.2\n---\ntype: Mesh\nname: a\n")]
    [InlineData("type: Mesh\r\nname: a\r\n")]
    [InlineData("type: !!str Mesh\nname: ! a\n")]
    [InlineData("type: &t Mesh\nname: a\nlabels: &l {}\nmtls: ~\n")]
    [InlineData("type: Mesh\nname: >-\n  a\n")]
    public void Every_way_to_write_a_mesh_is_read(string text) => Assert.Equal(new Mesh("a"), Read.Valid(text));

    [Theory]
    [InlineData("true", false)]
    [InlineData("yes", true)] // YAML 1.1 has this as true
    [InlineData("'true'", true)]
    [InlineData("\"1\"", true)]
    [InlineData("1", false)]
    [InlineData("0x1F", false)]
    [InlineData("0o17", false)]
    [InlineData("1.5", false)]
    [InlineData("1e3", false)]
    [InlineData("1.2.3", true)]
    [InlineData("1_000", true)]
    [InlineData("0b1", true)]
    [InlineData("12:30", true)]
    [InlineData("!!str 1", true)]
    [InlineData("null", false)]
    [InlineData("v1", true)]
    public void Scalars_follow_the_core_schema(string scalar, bool isText)
    {
        var result = Assert.Single(ResourceReader.Read(
            $"type: Dataplane\nname: a\nnetworking:\n  address: 10.0.0.1\n  inbound:\n  - port: 1\n    tags:\n      kuma.io/service: a\n      v: {scalar}\n"));
        Assert.Equal(isText, result.Resource is not null);
    }

    [Theory]
    [InlineData("10000", 10000)]
    [InlineData("0x2710", 10000)]
    [InlineData("0o23420", 10000)]
    [InlineData("+10000", 10000)]
    [InlineData("10000.0", 10000)]
    [InlineData("1e4", 10000)]
    [InlineData("!!int 10000", 10000)]
    public void Whole_numbers_are_read_however_they_are_written(string scalar, int port)
    {
        var dataplane = (Dataplane)Read.Valid(
            $"type: Dataplane\nname: a\nnetworking:\n  address: 10.0.0.1\n  inbound:\n  - port: {scalar}\n    tags: {{kuma.io/service: a}}\n");
        Assert.Equal(port, dataplane.Networking.Inbound[0].Port);
    }

    [Fact]
    public void An_anchor_may_be_used_again()
    {
        var dataplane = (Dataplane)Read.Valid("""
            type: Dataplane
            name: a
            networking:
              address: 10.0.0.1
              inbound:
              - port: 1
                tags: &tags {kuma.io/service: a, version: v1}
              - port: 2
                tags: *tags
            """);
        Assert.Equal(dataplane.Networking.Inbound[0].Tags, dataplane.Networking.Inbound[1].Tags);
    }

    [Fact]
    public void Aliases_cannot_grow_without_bound()
    {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 20; i++)
            bomb.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        var result = Assert.Single(ResourceReader.Read(bomb.ToString()));
        Assert.EndsWith("more than 100000 values in one document, aliases counted in full", Assert.Single(result.Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DocumentFormat.Yaml)]
    [InlineData(DocumentFormat.Json)]
    [InlineData(DocumentFormat.Auto)]
    public void Nesting_is_bounded(DocumentFormat format)
    {
        var text = string.Concat(Enumerable.Repeat("[", 100_000));
        Assert.Null(Assert.Single(ResourceReader.Read(text, format)).Resource);
    }

    [Fact]
    public void Length_is_bounded()
    {
        var result = Assert.Single(ResourceReader.Read(new string(' ', (16 * 1024 * 1024) + 1)));
        Assert.Equal("is longer than 16777216 characters", Assert.Single(result.Problems).Message);
    }

    [Fact]
    public void A_flood_of_problems_is_bounded()
    {
        var fields = string.Concat(Enumerable.Range(0, 1500).Select(i => $"field-{i}: x\n"));
        var result = Assert.Single(ResourceReader.Read($"type: Mesh\nname: a\n{fields}"));
        Assert.Equal(1001, result.Problems.Count);
        Assert.Equal("and 500 more problems", result.Problems[1000].ToString());
    }

    [Property(MaxTest = 1000)]
    public void No_text_makes_the_reader_fail(NonNull<string> text)
    {
        foreach (var format in Enum.GetValues<DocumentFormat>())
            Assert.All(ResourceReader.Read(text.Get, format), r => Assert.NotEqual(r.Resource is null, r.Problems.Count == 0));
    }

    [Property(MaxTest = 1000)]
    public void No_damage_to_a_document_makes_the_reader_fail(NonNegativeInt at, char replacement, NonNegativeInt removed)
    {
        var text = SpecifiedDocumentsTests.Mesh + "\n---\n" + SpecifiedDocumentsTests.Permission;
        var start = at.Get % text.Length;
        var length = Math.Min(removed.Get % 8, text.Length - start);
        var damaged = string.Concat(text.AsSpan(0, start), [replacement], text.AsSpan(start + length));
        Assert.All(ResourceReader.Read(damaged), r => Assert.NotEqual(r.Resource is null, r.Problems.Count == 0));
    }
}
