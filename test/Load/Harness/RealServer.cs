using OrleansMesh.Load.ControlPlane;

namespace OrleansMesh.Load.Tests.Harness;

/// <summary>A real server for every test of a class; each test makes a mesh of its own.</summary>
public sealed class RealServer : IAsyncLifetime
{
    internal OwnServer Server { get; private set; } = null!;

    internal string AuthorityPem => File.ReadAllText(Server.AuthorityFile);

    internal Uri DpServer => new($"https://127.0.0.1:{Server.DpServerPort}");

    public async Task InitializeAsync() => Server = await OwnServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
