using Microsoft.Extensions.Logging.Console;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>Logs to the console, as text for people or JSON for programs.</summary>
internal static class ServerLogging
{
    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    public static void AddServerLogging(this WebApplicationBuilder builder, LogConfiguration configuration)
        => builder.Logging.AddServerConsole(configuration);

    public static void AddServerConsole(this ILoggingBuilder logging, LogConfiguration configuration)
    {
        logging.SetMinimumLevel(configuration.Level);

        // A start that fails is told once, in few words, by whoever started the server.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Critical && level >= configuration.Level);

        // The web server's own entries at their usual level say of each request what ours say already.
        if (configuration.Level > LogLevel.Debug)
            logging.AddFilter("Microsoft", level => level >= LogLevel.Warning && level >= configuration.Level);
        if (configuration.Format is LogFormat.Json)
        {
            logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = TimestampFormat.TrimEnd();
                options.IncludeScopes = false;
            });
        }
        else
        {
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = TimestampFormat;
                options.IncludeScopes = false;
                options.ColorBehavior = Console.IsOutputRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Enabled;
            });
        }
    }
}
