namespace OrleansMesh.Translation;

/// <summary>
/// What one part of a view became: the resources that depend on nothing but <paramref name="source"/>. Immutable; two snapshots whose views have
/// this part alike hold the same object, so that nothing of it is translated, encoded or compared again.
/// </summary>
/// <param name="source">All that the resources were made of; equal sources mean equal resources.</param>
internal sealed class TranslatedPart(object source, (string TypeUrl, EncodedResource Resource)[] resources)
{
    public object Source => source;

    public IReadOnlyList<(string TypeUrl, EncodedResource Resource)> Resources => resources;

    public bool Has(string typeUrl, string name) => Array.Exists(resources, r => r.TypeUrl == typeUrl && r.Resource.Name == name);
}
