namespace OrleansMesh.Demo;

/// <summary>A step did not show what it was meant to show.</summary>
internal sealed class StepFailedException(string message) : Exception(message);
