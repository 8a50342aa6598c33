namespace OrleansMesh.Cli.Output;

/// <summary>How a result is written.</summary>
internal enum OutputFormat
{
    Table,
    Yaml,
    Json,
}
