using FsCheck;
using FsCheck.Xunit;
using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Tests.Ads;

/// <summary>
/// Random lives of a stream. A program of bytes says what happens: the content changes, the client subscribes, unsubscribes, reads a response and
/// answers it, reconnects. Whatever happened, in the end client and server agree, and on the way nothing was broken before its successor was made.
/// </summary>
public sealed class AdsSessionProperties
{
    [Property(MaxTest = 600, EndSize = 400)]
    public void Delta_ends_in_agreement(byte[] program) => new StreamLife(AdsVariant.Delta, program).Run();

    [Property(MaxTest = 600, EndSize = 400)]
    public void State_of_the_world_ends_in_agreement(byte[] program) => new StreamLife(AdsVariant.StateOfTheWorld, program).Run();

    [Property(MaxTest = 600, EndSize = 400)]
    public void Delta_makes_before_it_breaks(byte[] program) => new WorldLife(AdsVariant.Delta, program) { Reconnects = true }.Run();

    /// <summary>Without reconnects: there the client does not say which clusters it holds, so those that have gone cannot be kept for a moment.</summary>
    [Property(MaxTest = 600, EndSize = 400)]
    public void State_of_the_world_makes_before_it_breaks(byte[] program) => new WorldLife(AdsVariant.StateOfTheWorld, program).Run();
}
