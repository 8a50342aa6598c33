namespace OrleansMesh.Cli;

/// <summary>A command could not do what it was asked. The message is for the person at the terminal: what, where and how to go on.</summary>
public sealed class CommandFailedException(string message, Exception? cause = null) : Exception(message, cause);
