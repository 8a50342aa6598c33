using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Policies;

/// <summary>The one permission that decides who may call an inbound.</summary>
/// <param name="Name">The permission's name.</param>
/// <param name="Sources">Who may call.</param>
/// <param name="Overridden">Names of the permissions that match the inbound too and count for nothing there, next best first.</param>
public sealed record GoverningPermission(string Name, ValueList<Selector> Sources, ValueList<string> Overridden);
