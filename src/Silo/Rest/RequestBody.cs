using System.Text;
using Microsoft.Net.Http.Headers;
using OrleansMesh.Domain.Reading;

namespace OrleansMesh.Silo.Rest;

/// <summary>Reads request bodies.</summary>
internal static class RequestBody
{
    /// <summary>The body as text, and how it is written by its <c>Content-Type</c>; or the answer that refuses it.</summary>
    /// <remarks>The server refuses a body that is too long while it is read, which the pipeline answers.</remarks>
    public static async Task<(string Text, DocumentFormat Format, ProblemAnswer? Refusal)> ReadAsync(HttpRequest request)
    {
        if (FormatOf(request.ContentType) is not { } format)
        {
            return ("", default, new ProblemAnswer(
                StatusCodes.Status415UnsupportedMediaType,
                "Unsupported media type",
                $"'{request.ContentType}' is not read; expected Content-Type: application/json or application/yaml"));
        }

        try
        {
            using var reader = new StreamReader(request.Body, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
            return (await reader.ReadToEndAsync(request.HttpContext.RequestAborted), format, null);
        }
        catch (DecoderFallbackException)
        {
            return ("", format, new ProblemAnswer(StatusCodes.Status400BadRequest, "Bad Request", "the body is not UTF-8"));
        }
    }

    private static DocumentFormat? FormatOf(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
            return DocumentFormat.Auto;
        return MediaTypeHeaderValue.TryParse(contentType, out var type) && (type.Charset.Length == 0 || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            ? type.MediaType.Value?.ToLowerInvariant() switch
            {
                "application/json" => DocumentFormat.Json,
                "application/yaml" or "application/x-yaml" or "text/yaml" => DocumentFormat.Yaml,
                _ => null,
            }
            : null;
    }
}
