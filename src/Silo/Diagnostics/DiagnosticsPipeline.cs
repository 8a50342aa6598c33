using OrleansMesh.EventStore;
using OrleansMesh.Silo.Hosting;
using OrleansMesh.Silo.Metrics;
using OrleansMesh.Silo.Rest;

namespace OrleansMesh.Silo.Diagnostics;

/// <summary>The diagnostics port: <c>/healthy</c> as soon as the process serves, <c>/ready</c> when it does its work, <c>/metrics</c>.</summary>
internal static class DiagnosticsPipeline
{
    public static void UseDiagnostics(this IApplicationBuilder app)
    {
        var readiness = app.ApplicationServices.GetRequiredService<Readiness>();
        var availability = app.ApplicationServices.GetRequiredService<StoreAvailability>();
        var metrics = app.ApplicationServices.GetRequiredService<MetricsCollector>();
        app.UseRouting();
        app.UseEndpoints(routes =>
        {
            routes.MapGet("/healthy", context => context.Response.WriteAsync("healthy\n"));
            routes.MapGet("/ready", context =>
            {
                var problem = readiness.WaitingFor is { } missing ? $"waiting for {missing}" : availability.Problem;
                context.Response.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                return context.Response.WriteAsync($"{problem ?? "ready"}\n");
            });
            routes.MapGet("/metrics", context =>
            {
                context.Response.ContentType = PrometheusText.ContentType;
                return context.Response.WriteAsync(metrics.Write() + ProcessMetrics.Write());
            });
        });
        app.Run(NotFoundPage.Write);
    }
}
