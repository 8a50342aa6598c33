using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Services;

/// <summary>What a service speaks.</summary>
public sealed record ServiceProtocol(string Service, Protocol Protocol);
