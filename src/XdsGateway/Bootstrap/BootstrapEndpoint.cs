using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.XdsGateway.Sessions;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway.Bootstrap;

/// <summary><c>POST /bootstrap</c>: the configuration with which Envoy starts, for a proxy that can prove what it is.</summary>
internal sealed class BootstrapEndpoint(ProxyAuthenticator authenticator, XdsGatewayOptions options)
{
    /// <summary>Anybody may post here: what is read before it is known who does is bounded. A Dataplane has some kilobytes.</summary>
    private const int MaxRequestBytes = 1024 * 1024;

    private const int MaxControlPlanes = 64;

    public static void Map(IEndpointRouteBuilder endpoints)
        => endpoints.MapPost("/bootstrap", static (HttpContext context, BootstrapEndpoint endpoint) => endpoint.AnswerAsync(context));

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MaxRequestBytes;
        BootstrapRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync<BootstrapRequest>(context.Request.Body, BootstrapRequest.Json, context.RequestAborted);
        }
        catch (JsonException e)
        {
            return Problem(StatusCodes.Status400BadRequest, [new(e.Path?.TrimStart('$', '.') ?? "", "expected a bootstrap request as JSON")]);
        }
        catch (BadHttpRequestException e)
        {
            return Problem(e.StatusCode, [new("", $"expected a bootstrap request of at most {MaxRequestBytes} bytes")]);
        }

        if (request is null || request.Mesh.Length == 0 || request.Name.Length == 0)
            return Problem(StatusCodes.Status400BadRequest, [new(request is { Mesh.Length: > 0 } ? "name" : "mesh", "cannot be empty")]);
        if (request.ProxyType is not ("" or "dataplane"))
            return Problem(StatusCodes.Status400BadRequest, [new("proxyType", "only 'dataplane' is supported")]);

        var proxy = new ProxyId(request.Mesh, request.Name);
        var (presented, problems) = PresentedDataplane.Read(request.DataplaneResource, proxy, "dataplaneResource");
        if (problems.Count > 0)
            return Problem(StatusCodes.Status422UnprocessableEntity, problems);
        var (proof, dataplane, _) = await authenticator.ProveAsync(context, request.DataplaneToken, proxy, presented);
        // kuma-dp takes an empty 404, and no other refusal, for "not yet", and asks again.
        if (proof == ProxyProof.WithoutDataplane)
            return Results.NotFound();
        if (proof != ProxyProof.Whole || dataplane is null)
            return Results.Text(ProxyAuthenticator.PublicRefusal, statusCode: StatusCodes.Status401Unauthorized);
        var (addresses, unreadable) = AddressesFor(request, context);
        if (addresses.Count == 0)
            return Problem(StatusCodes.Status400BadRequest, [unreadable!]);
        var trust = request.CaCert.Length > 0 ? request.CaCert : options.ServerAuthorityPem;
        var bootstrap = BootstrapBuilder.Build(request, dataplane, addresses, trust, options);
        return Results.Json(new
        {
            bootstrap = Convert.ToBase64String(Encoding.UTF8.GetBytes(bootstrap)),
            kumaSidecarConfiguration = new
            {
                networking = new { isUsingTransparentProxy = false, address = dataplane.Networking.Address },
                metrics = new { aggregate = Array.Empty<object>() },
            },
        });
    }

    /// <summary>Where the proxy is to connect to: what the operator says, or else the agent, or else where it asks.</summary>
    private (IReadOnlyList<ControlPlaneAddress> Addresses, FieldProblem? Problem) AddressesFor(BootstrapRequest request, HttpContext context)
    {
        if (options.PublicAddresses.Count > 0)
            return (options.PublicAddresses, null);
        if (request.ControlPlanes.Count > MaxControlPlanes)
            return ([], new("controlPlanes", $"expected at most {MaxControlPlanes}"));
        var named = new List<ControlPlaneAddress>();
        for (var i = 0; i < request.ControlPlanes.Count; i++)
        {
            if (!ControlPlaneAddress.TryParse(request.ControlPlanes[i], out var address))
                return ([], new($"controlPlanes[{i}]", $"expected {ControlPlaneAddress.Form}"));
            named.Add(address);
        }

        if (named.Count > 0)
            return (named, null);
        var host = context.Request.Host;
        return host.Host.Length > 0
            ? ([new(host.Host.Trim('[', ']'), host.Port ?? context.Connection.LocalPort)], null)
            : ([], new("host", "cannot be empty: the proxy is to connect to it"));
    }

    private static IResult Problem(int status, ValueList<FieldProblem> problems) => Results.Json(
        new
        {
            type = "/std-errors",
            status,
            title = "Could not make a bootstrap",
            detail = string.Join("; ", problems),
            details = string.Join("; ", problems),
            invalid_parameters = problems.Select(p => new { field = p.Field, reason = p.Message }),
            causes = problems.Select(p => new { field = p.Field, message = p.Message }),
        },
        statusCode: status);
}
