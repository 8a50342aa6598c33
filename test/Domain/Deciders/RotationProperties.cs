using FsCheck.Xunit;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class RotationProperties
{
    [Property(MaxTest = 2000, EndSize = 600)]
    public void Nobody_is_ever_distrusted_and_what_is_wanted_comes_about(byte[] program) => new RotationLife(program).Run();
}
