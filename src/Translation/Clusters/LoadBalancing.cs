using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.LoadBalancingPolicies.LeastRequest.V3;
using Envoy.Extensions.LoadBalancingPolicies.RoundRobin.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OrleansMesh.Translation.Clusters;

/// <summary>How requests are spread over a destination's endpoints.</summary>
internal static class LoadBalancing
{
    /// <summary>
    /// To the endpoint with fewer requests under way. A client takes the first policy of the list that it knows: Envoy that one,
    /// a gRPC client that has no least request (gRFC A52) each endpoint in turn.
    /// </summary>
    public static LoadBalancingPolicy Policy() => new()
    {
        Policies =
        {
            Candidate("envoy.load_balancing_policies.least_request", new LeastRequest()),
            Candidate("envoy.load_balancing_policies.round_robin", new RoundRobin()),
        },
    };

    private static LoadBalancingPolicy.Types.Policy Candidate(string name, IMessage policy)
        => new() { TypedExtensionConfig = new TypedExtensionConfig { Name = name, TypedConfig = Any.Pack(policy) } };
}
