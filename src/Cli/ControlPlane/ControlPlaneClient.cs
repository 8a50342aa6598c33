using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMesh.Cli.ControlPlane;

/// <summary>The control plane's REST API. Every method throws <see cref="CommandFailedException"/> when it is refused or nobody answers.</summary>
internal sealed class ControlPlaneClient : IDisposable
{
    private const string PositionHeader = "Mesh-Position";
    private const string Remedy = "Is the control plane running there? --server or $ORLEANSMESH_SERVER gives another address.";

    private readonly Uri _server;
    private readonly HttpClient _http;

    // Behind one address there may be several servers: each is to know what another one acknowledged.
    private string? _position;

    /// <exception cref="CommandFailedException">The credentials cannot be used there.</exception>
    public ControlPlaneClient(Uri server, Credentials credentials)
    {
        _server = server;
        var handler = new SocketsHttpHandler { UseProxy = !server.IsLoopback };
        if (credentials.Authorities is { } authorities)
            handler.SslOptions.CertificateChainPolicy = TrustedAuthorities.Only(authorities);
        if (credentials.Certificate is { } certificate)
            handler.SslOptions.ClientCertificates = [certificate];
        if (credentials is not { Token: null, Certificate: null } && server is { Scheme: "http", IsLoopback: false })
            throw new CommandFailedException($"{server} has no TLS: whoever listens on the way would read the token; expected an https address");
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        if (credentials.Token is { } token)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>One resource; null when there is none.</summary>
    public async Task<JsonObject?> FindAsync(string path, CancellationToken cancellation)
    {
        var (request, status, body) = await SendAsync(HttpMethod.Get, path, null, cancellation);
        return status == HttpStatusCode.NotFound ? null : JsonOf(request, Accepted(request, status, body));
    }

    /// <summary>All items of a list, from as many pages as it has.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path, CancellationToken cancellation)
        => await ListAsync(path, int.MaxValue, cancellation);

    /// <summary>The first items of a list.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path, int limit, CancellationToken cancellation)
    {
        var items = new List<JsonObject>();
        for (string? page = path; page is not null && items.Count < limit;)
        {
            var (request, status, body) = await SendAsync(HttpMethod.Get, page, null, cancellation);
            var list = JsonOf(request, Accepted(request, status, body));
            items.AddRange(list["items"]?.AsArray().OfType<JsonObject>().Take(limit - items.Count) ?? []);
            page = list["next"] is JsonValue next && Uri.TryCreate(_server, next.GetValue<string>(), out var uri) ? uri.PathAndQuery : null;
        }

        return items;
    }

    /// <summary>Creates or changes a resource.</summary>
    public async Task<PutAnswer> PutAsync(string path, string json, CancellationToken cancellation)
    {
        var (request, status, body) = await SendAsync(HttpMethod.Put, path, json, cancellation);
        var answer = JsonOf(request, Accepted(request, status, body));
        var warnings = answer["warnings"] is JsonArray lines ? lines.Select(line => line?.GetValue<string>() ?? "").ToArray() : [];
        return new(status == HttpStatusCode.Created, warnings);
    }

    /// <summary>False when there was no such resource.</summary>
    public async Task<bool> DeleteAsync(string path, CancellationToken cancellation)
    {
        var (request, status, body) = await SendAsync(HttpMethod.Delete, path, null, cancellation);
        if (status == HttpStatusCode.NotFound)
            return false;
        Accepted(request, status, body);
        return true;
    }

    /// <summary>Posts JSON and returns the answer as it came.</summary>
    public async Task<string> PostAsync(string path, string json, CancellationToken cancellation)
    {
        var (request, status, body) = await SendAsync(HttpMethod.Post, path, json, cancellation);
        return Accepted(request, status, body);
    }

    /// <summary>Writes the answer to a stream as it comes, however long it is.</summary>
    public async Task DownloadAsync(string path, Stream output, CancellationToken cancellation)
    {
        var uri = new Uri(_server, path);
        try
        {
            using var response = await _http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!response.IsSuccessStatusCode)
                throw HttpFailure.Refused(uri, response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
            await response.Content.CopyToAsync(output, cancellation);
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw HttpFailure.NoAnswer(_server, failure, Remedy);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(Uri Request, HttpStatusCode Status, string Body)> SendAsync(
        HttpMethod method, string path, string? json, CancellationToken cancellation)
    {
        var uri = new Uri(_server, path);
        using var request = new HttpRequestMessage(method, uri);
        if (_position is not null)
            request.Headers.Add(PositionHeader, _position);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        try
        {
            using var response = await _http.SendAsync(request, cancellation);
            if (response.Headers.TryGetValues(PositionHeader, out var positions))
                _position = positions.First();
            return (uri, response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw HttpFailure.NoAnswer(_server, failure, Remedy);
        }
    }

    private static string Accepted(Uri request, HttpStatusCode status, string body)
        => (int)status is >= 200 and < 300 ? body : throw HttpFailure.Refused(request, status, body);

    private static JsonObject JsonOf(Uri request, string body)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject json)
                return json;
        }
        catch (JsonException)
        {
        }

        throw new CommandFailedException($"{request} did not answer with a JSON object; is it a control plane's API?");
    }
}

/// <summary>What became of a resource that was put.</summary>
/// <param name="Created">It was not there before.</param>
/// <param name="Warnings">What its owner should know.</param>
internal sealed record PutAnswer(bool Created, IReadOnlyList<string> Warnings);
