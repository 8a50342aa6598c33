using OrleansMesh.Load.ControlPlane;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load;

/// <summary>What to simulate, and against what.</summary>
internal sealed record LoadOptions
{
    public int Proxies { get; init; } = 2000;

    public int Services { get; init; } = 1000;

    public int Outbounds { get; init; } = 20;

    /// <summary>How many sidecars call the cold service at least; null: as many as call any other.</summary>
    public int? ColdCallers { get; init; }

    /// <summary>How many sidecars may be connecting, and not yet configured, in a storm.</summary>
    public int AtOnce { get; init; } = 200;

    public Variant Variant { get; init; } = Variant.Delta;

    /// <summary>How many changes of each kind are made, one after the other.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>How long a sidecar may take to be configured, and a change to arrive, before it counts as missed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long nothing has changed before idle is measured: what the last change has the server do within two minutes is over by then.</summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(130);

    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it takes until a tenth of the sidecars has been replaced.</summary>
    public TimeSpan DeployTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many sidecars come all at once in the overload.</summary>
    public int Overload { get; init; } = 4000;

    /// <summary>How long the soak churns.</summary>
    public TimeSpan SoakTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What the soak's chances follow from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What the server that is started may use.</summary>
    public ServerConstraints Constraints { get; init; } = ServerConstraints.None;

    /// <summary>The scenarios to run after the storm; empty: all that run unasked.</summary>
    public IReadOnlyList<string> Scenarios { get; init; } = [];

    /// <summary>The mesh that is made for it.</summary>
    public string Mesh { get; init; } = "load";

    /// <summary>The REST API of a server that runs already; null: one is started.</summary>
    public Uri? Server { get; init; }

    /// <summary>Where that server's proxies connect to.</summary>
    public Uri? DpServer { get; init; }

    /// <summary>The PEM authority by which sidecars check it.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>That server's process, when it runs on this machine.</summary>
    public int? ServerProcess { get; init; }
}
