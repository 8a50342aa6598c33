using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Listeners;

/// <summary>What Envoy's statistics of a listener's traffic begin with.</summary>
internal static class StatPrefixes
{
    public static string Of(InboundView inbound) => $"inbound_{inbound.Service}";

    public static string Of(OutboundView outbound) => $"outbound_{ResourceNames.Destination(outbound.Destination)}";
}
