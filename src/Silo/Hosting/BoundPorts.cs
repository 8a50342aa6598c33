using System.Text.Json;
using OrleansMesh.Silo.Files;

namespace OrleansMesh.Silo.Hosting;

/// <summary>The ports that the server really has; they differ from the configured ones where those are 0.</summary>
public sealed record BoundPorts(int Api, int DpServer, int Diagnostics, int ApiTls)
{
    /// <summary>Names the file, in the data folder, that tells them to programs while the server is ready.</summary>
    public const string FileName = "ports.json";

    public void WriteTo(DataFolder data)
    {
        ArgumentNullException.ThrowIfNull(data);
        data.WritePublic(FileName, JsonSerializer.Serialize(this, JsonSerializerOptions.Web) + "\n");
    }
}
