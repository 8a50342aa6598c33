using FsCheck.Xunit;
using OrleansMesh.Domain.Meshes;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class RotationProperties
{
    [Property(MaxTest = 2000, EndSize = 600)]
    public void Nobody_is_ever_distrusted_and_what_is_wanted_comes_about(byte[] program) => new RotationLife(program).Run();

    /// <summary>A walk that hardly ever gets beyond the first stage would show nothing of the others.</summary>
    [Theory]
    [InlineData(typeof(SignerChanged), 40)]
    [InlineData(typeof(AuthorityWithdrawn), 30)]
    [InlineData(typeof(RotationReversed), 80)]
    public void Random_lives_go_through_every_stage(Type happened, int percent)
    {
        const int Lives = 200;
        var seen = 0;
        for (var seed = 0; seed < Lives; seed++)
        {
            var program = new byte[400];
            new Random(seed).NextBytes(program);
            var life = new RotationLife(program);
            life.Run();
            seen += life.Happened.Contains(happened) ? 1 : 0;
        }

        Assert.InRange(seen * 100 / Lives, percent, 100);
    }
}
