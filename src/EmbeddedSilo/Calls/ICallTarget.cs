using OrleansMesh.EmbeddedSilo.Turns;

namespace OrleansMesh.EmbeddedSilo.Calls;

/// <summary>What a reference refers to.</summary>
internal interface ICallTarget
{
    EmbeddedSiloHost Silo { get; }

    /// <summary>The class of the object that is called.</summary>
    Type Type { get; }

    /// <summary>Delivers the item, or refuses it. Never throws.</summary>
    void Send(WorkItem item);
}
