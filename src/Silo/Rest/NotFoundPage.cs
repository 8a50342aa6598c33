namespace OrleansMesh.Silo.Rest;

/// <summary>The answer to a path that is not served: text, as Kuma gives it.</summary>
internal static class NotFoundPage
{
    public static Task Write(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("404: Page Not Found");
    }
}
