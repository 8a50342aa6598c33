using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>The Dataplane that a proxy brings along.</summary>
internal static class PresentedDataplane
{
    /// <param name="text">JSON or YAML; empty: the proxy brings none.</param>
    /// <param name="field">The field that held the text, for the problems' paths.</param>
    /// <returns>The validated Dataplane of that proxy or null, and what is wrong with the text.</returns>
    public static (Dataplane? Dataplane, ValueList<FieldProblem> Problems) Read(string text, ProxyId proxy, string field)
    {
        if (text.Length == 0)
            return (null, []);
        var result = ResourceReader.ReadOne(text, DocumentFormat.Auto, new ResourceAddress(ResourceTypes.Dataplane, proxy.Mesh, proxy.Name));
        return (result.Resource as Dataplane,
            [.. result.Problems.Select(p => new FieldProblem(p.Field.Length == 0 ? field : $"{field}: {p.Field}", p.Message))]);
    }
}
