namespace OrleansMesh.Domain.Reading;

/// <summary>How a document is written.</summary>
public enum DocumentFormat
{
    /// <summary>JSON where the text is JSON, YAML otherwise.</summary>
    Auto,

    Json,

    /// <summary>YAML 1.2 with the core schema, one or several documents.</summary>
    Yaml,
}
