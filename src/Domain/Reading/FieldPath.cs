namespace OrleansMesh.Domain.Reading;

/// <summary>Writes paths of fields as Kuma does: <c>networking.inbound[0].tags["kuma.io/service"]</c>.</summary>
internal static class FieldPath
{
    public static string Field(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public static string Index(string path, int index) => $"{path}[{index}]";

    public static string Key(string path, string key)
        => $"{path}[\"{key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"]";
}
