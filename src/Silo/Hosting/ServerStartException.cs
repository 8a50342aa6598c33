namespace OrleansMesh.Silo.Hosting;

/// <summary>The server cannot start; the message tells the operator why.</summary>
public sealed class ServerStartException(string message, Exception? inner = null) : Exception(message, inner);
