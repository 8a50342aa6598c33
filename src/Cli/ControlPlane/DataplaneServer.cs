using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMesh.Cli.ControlPlane;

/// <summary>
/// The control plane's server for proxies, or several of which each will do: where one does not answer, the next is asked. Its certificate is always verified.
/// Every method throws <see cref="CommandFailedException"/> when it is refused; where nobody answers, <see cref="Unreachable"/>.
/// </summary>
internal sealed class DataplaneServer : IDisposable
{
    private const string Remedy = "Is the control plane running there? --cp-address gives another address.";

    private readonly HttpClient _http;

    // The one that answered last.
    private int _current;

    /// <param name="authorities">PEM certificates of the authorities to trust; null: those of the system.</param>
    /// <exception cref="CommandFailedException">The authorities cannot be read.</exception>
    public DataplaneServer(IReadOnlyList<Uri> addresses, string? authorities)
    {
        Addresses = addresses;
        var handler = new SocketsHttpHandler { UseProxy = !addresses.All(address => address.IsLoopback) };
        if (authorities is not null)
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TrustedAuthorities.Only(authorities) };
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
    }

    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>Asks for the bootstrap of an Envoy: its YAML.</summary>
    public async Task<byte[]> BootstrapAsync(BootstrapRequest request, CancellationToken cancellation)
    {
        var json = request.ToJson();
        var body = await SendAsync("/bootstrap", () => new StringContent(json, Encoding.UTF8, "application/json"), null, cancellation);
        try
        {
            return Convert.FromBase64String(JsonNode.Parse(body)?["bootstrap"]?.GetValue<string>() ?? "") is { Length: > 0 } bootstrap
                ? bootstrap
                : throw new FormatException("it is empty");
        }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException)
        {
            throw new CommandFailedException($"{Addresses[_current]} answered /bootstrap with no bootstrap: {failure.Message}", failure);
        }
    }

    /// <summary>Takes the proxy's endpoints out of its services, so that nobody sends it anything new. Waits 3 seconds at most.</summary>
    public async Task LeaveAsync(string mesh, string name, string token, CancellationToken cancellation)
    {
        var path = $"/proxies/{Uri.EscapeDataString(mesh)}/{Uri.EscapeDataString(name)}/leave";
        await SendAsync(path, () => new StringContent(""), token, cancellation).WaitAsync(TimeSpan.FromSeconds(3), cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> SendAsync(string path, Func<HttpContent> content, string? token, CancellationToken cancellation)
    {
        for (var asked = 1; ; asked++)
        {
            try
            {
                return await SendAsync(Addresses[_current], path, content(), token, cancellation);
            }
            catch (Unreachable)
            {
                _current = (_current + 1) % Addresses.Count;
                if (asked == Addresses.Count)
                    throw;
            }
        }
    }

    private async Task<string> SendAsync(Uri address, string path, HttpContent content, string? token, CancellationToken cancellation)
    {
        var uri = new Uri(address, path);
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
        request.Headers.Accept.ParseAdd("application/json");
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        HttpStatusCode status;
        string body;
        try
        {
            using var response = await _http.SendAsync(request, cancellation);
            (status, body) = (response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            var told = HttpFailure.NoAnswer(address, failure, Remedy);
            throw failure is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? told : new Unreachable(told);
        }

        return (int)status is >= 200 and < 300 ? body
            : (int)status is 502 or 503 or 504 ? throw new Unreachable(HttpFailure.Refused(uri, status, body))
            : throw HttpFailure.Refused(uri, status, body);
    }

    /// <summary>Nobody answered there now; it may be another time.</summary>
    public sealed class Unreachable(CommandFailedException told) : Exception(told.Message, told)
    {
        public CommandFailedException Told { get; } = told;
    }
}
