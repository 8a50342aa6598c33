namespace OrleansMesh.Silo.Rest;

/// <summary>Reads the parts of a request's path.</summary>
internal static class RouteTextExtensions
{
    /// <summary>The path's part of that name, decoded; null when the route has none.</summary>
    public static string? RouteText(this HttpContext context, string part) => context.GetRouteValue(part) as string;
}
