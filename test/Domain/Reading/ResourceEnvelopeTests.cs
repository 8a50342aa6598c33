using System.Text.Json.Nodes;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Reading;

public class ResourceEnvelopeTests
{
    private const string Spec = "{networking: {address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}]}}";
    private const string BadName = "invalid characters. A lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
        + "and end with an alphanumeric character";
    private const string BadMesh = "invalid characters. A mesh's name must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
    private const string BadLabelValue = "a label's value must be empty or at most 63 alphanumeric characters, '-', '_' or '.', and start and end with an alphanumeric character";

    [Fact]
    public void A_dataplane_is_read_from_the_Kubernetes_form_too()
        => Assert.Equal(
            Read.Valid("type: Dataplane\nmesh: m\nname: a-1\nlabels: {app: a}\nnetworking: {address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}]}"),
            Read.Valid($"apiVersion: kuma.io/v1alpha1\nkind: Dataplane\nmesh: m\nmetadata: {{name: a-1, labels: {{app: a}}}}\nspec: {Spec}"));

    [Fact]
    public void A_namespace_is_part_of_a_dataplanes_name()
        => Assert.Equal("a-1.shop", Read.Valid($"apiVersion: kuma.io/v1alpha1\nkind: Dataplane\nmetadata: {{name: a-1, namespace: shop}}\nspec: {Spec}").Name);

    [Fact]
    public void Metadata_that_clients_send_back_are_accepted()
    {
        var universal = Read.Valid("""
            {"type": "Mesh", "name": "default", "creationTime": "0001-01-01T00:00:00Z", "modificationTime": "0001-01-01T00:00:00Z",
             "kri": "kri_m____default_", "labels": {"kuma.io/env": "universal", "empty": ""}}
            """);
        Assert.Equal(new Mesh("default") { Labels = TagSet.Of(("kuma.io/env", "universal"), ("empty", "")) }, universal);
        var kubernetes = Read.Valid("""
            apiVersion: kuma.io/v1alpha1
            kind: Mesh
            metadata:
              name: default
              uid: 00000000-0000-0000-0000-000000000000
              generation: 3
              resourceVersion: "77"
              creationTimestamp: 2026-01-01T00:00:00Z
              managedFields: [{manager: kubectl}]
              ownerReferences: []
              finalizers: [x]
              annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"x": 1}'}
              labels: {kuma.io/env: universal, empty: ""}
            """);
        Assert.Equal(universal, kubernetes);
    }

    [Theory]
    // types
    [InlineData("name: x", "type: must be set; expected one of TYPES")]
    [InlineData("type: 5\nname: x", "type: must be a string; put it in quotes: \"5\"")]
    [InlineData("type: Foo\nname: x", "type: 'Foo' is not a resource type; expected one of TYPES")]
    [InlineData("type: DataPlan\nname: x", "type: 'DataPlan' is not a resource type; expected one of TYPES; did you mean 'Dataplane'?")]
    [InlineData("type: MeshTrafficPermission\nname: x", "type: 'MeshTrafficPermission' is a Kuma resource type that OrleansMesh does not support yet")]
    [InlineData("type: TrafficRoute\nname: x", "type: 'TrafficRoute' is a Kuma resource type that OrleansMesh does not support yet")]
    [InlineData("apiVersion: kuma.io/v1alpha1\nmetadata: {name: x}", "kind: must be set; expected one of TYPES")]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: x}", "apiVersion: must be kuma.io/v1alpha1", "kind: 'Service' is not a resource type; expected one of TYPES")]
    [InlineData("kind: Mesh\nmetadata: {name: x}", "apiVersion: must be kuma.io/v1alpha1")]
    // names
    [InlineData("type: Mesh", "name: cannot be empty")]
    [InlineData("type: Mesh\nname: 7", "name: must be a string; put it in quotes: \"7\"")]
    [InlineData("type: Mesh\nname: a.b", "name: " + BadMesh)]
    [InlineData("type: Mesh\nname: a_b", "name: " + BadMesh)]
    [InlineData("type: Mesh\nname: A", "name: " + BadMesh)]
    [InlineData("type: Mesh\nname: -a", "name: " + BadMesh)]
    [InlineData("type: Mesh\nname: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "name: cannot be longer than 63 characters")]
    [InlineData("type: Dataplane\nname: Web_1\n" + Networking, "name: " + BadName)]
    [InlineData("type: Dataplane\nname: a/b\n" + Networking, "name: " + BadName)]
    [InlineData("type: Dataplane\nname: \"a\\n\"\n" + Networking, "name: " + BadName)]
    [InlineData("type: Dataplane\nname: a..b\n" + Networking, "name: " + BadName)]
    [InlineData("type: Dataplane\n" + Networking, "name: cannot be empty")]
    [InlineData("type: Dataplane\nname: x\nmesh: a.b\n" + Networking, "mesh: " + BadMesh)]
    [InlineData("type: Dataplane\nname: x\nmesh: ''\n" + Networking, "mesh: cannot be empty")]
    [InlineData("type: Mesh\nname: m\nmesh: default", "mesh: unknown field; expected one of type, name, labels, creationTime, modificationTime, kri, mtls, skipCreatingInitialPolicies")]
    // metadata
    [InlineData("type: Mesh\nname: m\ncreationTime: 1", "creationTime: must be a string; put it in quotes: \"1\"")]
    [InlineData("type: Mesh\nname: m\nlabels: {a: 1}", "labels[\"a\"]: must be a string; put it in quotes: \"1\"")]
    [InlineData("type: Mesh\nname: m\nlabels: {a: 'b c'}", "labels[\"a\"]: " + BadLabelValue)]
    [InlineData("type: Mesh\nname: m\nlabels: {A/b: c}", "labels[\"A/b\"]: a label's name must be at most 63 alphanumeric characters, '-', '_' or '.', start and end with an alphanumeric character, and may have a DNS subdomain and '/' before it")]
    [InlineData("type: Dataplane\nname: x\nmesh: a\nlabels: {kuma.io/mesh: b}\n" + Networking, "labels[\"kuma.io/mesh\"]: kuma.io/mesh label must not differ from mesh set on resource")]
    // the Kubernetes form
    [InlineData("apiVersion: kuma.io/v1alpha1\nkind: Mesh", "metadata: must be defined")]
    [InlineData("apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {}", "metadata.name: cannot be empty")]
    [InlineData("apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: A, nam: b}", "metadata.name: " + BadMesh, "metadata.nam: unknown field; expected one of name, namespace, labels, annotations, creationTimestamp, deletionGracePeriodSeconds, deletionTimestamp, finalizers, generation, managedFields, ownerReferences, resourceVersion, selfLink, uid; did you mean 'name'?")]
    [InlineData("apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: m, namespace: n}", "metadata.namespace: a Mesh is not in a namespace")]
    [InlineData("apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: m}\nmtls: {}", "mtls: unknown field; expected one of apiVersion, kind, metadata, spec")]
    [InlineData("apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: m}\nspec: {mtls: {enabledBackend: x}, foo: 1}", "spec.mtls.enabledBackend: has to be set to one of the backends in the mesh", "spec.foo: unknown field; expected one of mtls, skipCreatingInitialPolicies")]
    [InlineData("apiVersion: kuma.io/v1alpha1\nkind: TrafficPermission\nmetadata: {name: p, namespace: n}", "metadata.namespace: a TrafficPermission is not in a namespace", "spec.sources: must have at least one element", "spec.destinations: must have at least one element")]
    // no object
    [InlineData("- type: Mesh", "must be an object: a resource with its type and name")]
    [InlineData("Mesh", "must be an object: a resource with its type and name")]
    public void Every_problem_is_named(string document, params string[] problems)
        => Assert.Equal(problems.Select(p => p.Replace("TYPES", string.Join(", ", ResourceTypes.All), StringComparison.Ordinal)), Read.Problems(document));

    private const string Networking = "networking: {address: 10.0.0.1, inbound: [{port: 1, tags: {kuma.io/service: a}}]}";

    [Fact]
    public void An_invalid_result_still_says_what_it_is_about()
    {
        var result = Assert.Single(ResourceReader.Read("type: Dataplane\nname: web-1\n"));
        Assert.Equal((ResourceTypes.Dataplane, "web-1"), (result.Type, result.Name));
    }

    [Fact]
    public void A_parsed_document_is_read_like_its_text()
    {
        Assert.Equal(new Mesh("m"), ResourceReader.Read(JsonNode.Parse("""{"type": "Mesh", "name": "m"}""")).Resource);
        Assert.Equal("must be an object: a resource with its type and name", Assert.Single(ResourceReader.Read((JsonNode?)null).Problems).Message);
        var twice = ResourceReader.Read(JsonNode.Parse("""{"type": "Mesh", "name": "m", "name": "n"}"""));
        Assert.Contains("Duplicate", Assert.Single(twice.Problems).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("type: Mesh\nname: n", "Mesh", null, "m", "name: name from the URL has to be the same as in body")]
    [InlineData("type: Dataplane\nname: x\nmesh: a\n" + Networking, "Dataplane", "b", "x", "mesh: mesh from the URL has to be the same as in body")]
    [InlineData("type: Dataplane\nname: x\n" + Networking, "Dataplane", "b", "x", "mesh: mesh from the URL has to be the same as in body")]
    [InlineData("type: Mesh\nname: x\nfoo: 1", "Dataplane", "default", "x", "type: type from the URL has to be the same as in body", "foo: unknown field; expected one of type, name, labels, creationTime, modificationTime, kri, mtls, skipCreatingInitialPolicies")]
    [InlineData("apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: n}", "Mesh", null, "m", "metadata.name: name from the URL has to be the same as in body")]
    [InlineData("type: Mesh\nname: m\n---\ntype: Mesh\nname: m", "Mesh", null, "m", "there is more than one document")]
    [InlineData("type: Mesh\nname: m\n---\na: [", "Mesh", null, "m", "is not valid YAML: line 5, column 1: While parsing a node, did not find expected node content.")]
    [InlineData("", "Mesh", null, "m", "there is no document")]
    [InlineData("type: Mesh\nname: m", "Mesh", null, "m")]
    public void A_request_is_about_one_resource(string text, string type, string? mesh, string name, params string[] problems)
        => Assert.Equal(
            problems,
            ResourceReader.ReadOne(text, DocumentFormat.Auto, new ResourceAddress(ResourceTypes.Find(type)!, mesh, name)).Problems.Select(p => p.ToString()));
}
