namespace OrleansMesh.XdsGateway.Ads;

/// <summary>The two forms of the xDS protocol. A stream keeps to one.</summary>
public enum AdsVariant
{
    /// <summary><c>StreamAggregatedResources</c>: requests name everything that is wanted, clusters and listeners are sent as whole sets.</summary>
    StateOfTheWorld,

    /// <summary><c>DeltaAggregatedResources</c>: requests and responses say what changes.</summary>
    Delta,
}
