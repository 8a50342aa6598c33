using Orleans.Runtime;
using OrleansMesh.EmbeddedSilo.Turns;

namespace OrleansMesh.EmbeddedSilo.Calls;

/// <summary>A grain as its references know it, whichever of its activations is alive.</summary>
internal sealed class GrainAddress(EmbeddedSiloHost silo, GrainKey key) : ICallTarget, IEquatable<GrainAddress>
{
    private Activation? _last;

    public EmbeddedSiloHost Silo => silo;

    public GrainKey GrainKey => key;

    public string Key => key.Key;

    public Type Type => key.Class.Type;

    public void Send(WorkItem item)
    {
        if (!silo.AcceptsCalls)
        {
            item.Refuse(new SiloUnavailableException($"The silo is stopping, so {key} cannot be called."));
            return;
        }

        var activation = _last;
        while (activation is null || !activation.TryPost(item)) activation = _last = silo.ActivationOf(key);
    }

    public bool Equals(GrainAddress? other) => other is not null && key == other.GrainKey && silo == other.Silo;

    public override bool Equals(object? obj) => Equals(obj as GrainAddress);

    public override int GetHashCode() => key.GetHashCode();

    public override string ToString() => key.ToString();
}
