using Orleans;
using Orleans.Runtime;
using OrleansMesh.EmbeddedSilo.Calls;

namespace OrleansMesh.EmbeddedSilo.Turns;

/// <summary>Delivers calls to an object outside the silo, which it does not keep alive.</summary>
internal sealed class ObserverMailbox(EmbeddedSiloHost silo, IGrainObserver observer) : Mailbox, ICallTarget
{
    private readonly string _name = observer.GetType().Name;
    private readonly WeakReference<IGrainObserver> _observer = new(observer);
    private volatile bool _deleted;

    public EmbeddedSiloHost Silo => silo;

    public Type Type { get; } = observer.GetType();

    /// <summary>Whether calls to it can no longer arrive.</summary>
    public bool IsGone => _deleted || !_observer.TryGetTarget(out _);

    protected override bool IsOpen => !IsGone;

    public void Delete() => _deleted = true;

    public void Send(WorkItem item)
    {
        if (!TryPost(item)) item.Refuse(Gone());
    }

    public override string ToString() => $"observer {_name}";

    protected override object TargetOf(WorkItem item) => !_deleted && _observer.TryGetTarget(out var observer) ? observer : throw Gone();

    private ClientNotAvailableException Gone() => new($"The {this} was deleted or collected; whoever wants its notifications has to keep it alive.");
}
