using OrleansMesh.Domain.Access;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Files;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Access;

/// <summary>
/// The first administrator's token. Where being on this machine is not proof enough, nobody could make the first token: the server makes it at its first
/// start and leaves it in the data folder, for whoever may read what is there already: the log and its keys.
/// </summary>
internal sealed class AdminToken(ServerConfiguration configuration, ResourceIndex index, IGrainFactory grains, DataFolder data, ILogger<AdminToken> logger)
{
    /// <summary>Names the file in the data folder; its owner alone may read it.</summary>
    public const string FileName = "admin-user-token";

    private static readonly TimeSpan Validity = TimeSpan.FromDays(365);

    /// <summary>Makes it if there never was a key for user tokens.</summary>
    public async Task MakeAtFirstStart(CancellationToken cancellationToken)
    {
        if (configuration.Api.LoopbackIsAdmin || index.Current.Access.State.Tokens.KeysEver > 0)
            return;
        var issued = await grains.GetGrain<IAccessGrain>(IAccessGrain.Key).IssueUserToken(new UserTokenRequest("admin", [User.Admin], Validity), Caller.System);
        await index.WaitForAsync(issued.Position, cancellationToken);
        data.WritePrivate(FileName, issued.Token);
        logger.LogWarning("the first administrator's token, valid for {Validity}, is in {File}: make others with it, and delete the file", Validity, data.FileNamed(FileName));
    }
}
