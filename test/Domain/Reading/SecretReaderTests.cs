using System.Text;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Tests.Reading;

public sealed class SecretReaderTests
{
    [Fact]
    public void Both_scopes_are_read_and_written()
    {
        var secret = Assert.IsType<SecretResource>(Read("""{"type":"Secret","mesh":"m","name":"s","data":"b3BlbiBzZXNhbWU="}""").Resource);
        Assert.Equal(("m", "open sesame"), (secret.Mesh, Encoding.UTF8.GetString(secret.Data!.Bytes)));
        Assert.Equal(ResourceTypes.Secret, ((IResource)secret).Type);
        var global = Assert.IsType<SecretResource>(Read("""{"type":"GlobalSecret","name":"s","data":"b3BlbiBzZXNhbWU="}""").Resource);
        Assert.Equal((null, ResourceTypes.GlobalSecret), (global.Mesh, ((IResource)global).Type));
        Assert.Equal("""{"type":"Secret","mesh":"m","name":"s","data":"b3BlbiBzZXNhbWU="}""", ResourceWriter.Write(secret).ToJsonString());
        Assert.Equal("""{"type":"GlobalSecret","name":"s"}""", ResourceWriter.Write(global with { Data = null }).ToJsonString());
    }

    [Theory]
    [InlineData("""{"type":"Secret","name":"s"}""", "data: cannot be empty")]
    [InlineData("""{"type":"Secret","name":"s","data":""}""", "data: cannot be empty")]
    [InlineData("""{"type":"Secret","name":"s","data":"sesame!"}""", "data: must be text in base64")]
    [InlineData("""{"type":"Secret","name":"s","data":31415926}""", "data: must be text in base64")]
    [InlineData("""{"type":"Secret","name":"s","data":{"sesame":"sesame"}}""", "data: must be text in base64")]
    public void What_is_no_secret_is_refused_without_a_word_of_it(string document, string problem)
    {
        var only = Assert.Single(Read(document).Problems).ToString();
        Assert.Equal(problem, only);
    }

    private static ReadResult Read(string text) => Assert.Single(ResourceReader.Read(text));
}
