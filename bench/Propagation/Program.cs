using System.Globalization;
using OrleansMesh.EventStore.Tests.Postgres;
using OrleansMesh.Propagation;

if (PostgresServer.Programs is null)
{
    Console.Error.WriteLine("PostgreSQL is needed: initdb was not found");
    return 2;
}

var rounds = args is [var text] && int.TryParse(text, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 500;
await PropagationRate.MeasureAsync(rounds, Console.Out);
return 0;
