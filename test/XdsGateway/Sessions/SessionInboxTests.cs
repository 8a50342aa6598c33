using Envoy.Service.Discovery.V3;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Sessions;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Sessions;

public sealed class SessionInboxTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly SessionInbox _inbox = new();

    [Fact]
    public async Task OfViewsAndEndpointsOnlyTheNewestIsKept()
    {
        for (var i = 0; i < 1000; i++)
        {
            await _inbox.ViewChanged(Views.Of($"backend-{i}"));
            _inbox.EndpointsAre(Views.Selection("web"), Endpoints($"web {i}"));
            _inbox.EndpointsAre(Views.Selection("db"), Endpoints($"db {i}"));
        }

        var news = await TakeAsync();

        Assert.Equal("backend-999", news.View!.Proxy.Name);
        Assert.Equal(["db 999", "web 999"], news.Endpoints.Values.Select(e => e.Version).Order());
        Assert.False(IsNews());
    }

    [Fact]
    public async Task WhatWasTakenIsNotTakenAgain()
    {
        await _inbox.ViewChanged(Views.Of("backend-1"));
        Assert.NotNull((await TakeAsync()).View);

        _inbox.RenewalIsDue();
        var news = await TakeAsync();

        Assert.Null(news.View);
        Assert.True(news.RenewalDue);
    }

    [Fact]
    public async Task RequestsKeepTheirOrderAndWaitWhenThereAreTooMany()
    {
        using var stop = new CancellationTokenSource();
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < 100; sent++)
                await _inbox.RequestedAsync(new DiscoveryRequest { ResponseNonce = $"{sent}" }, stop.Token);
        });
        await Eventually.HoldsAsync(() => sent == SessionInbox.MaxRequests, "as many as there is room for");
        Assert.False(sending.IsCompleted);

        var received = new List<string>();
        while (received.Count < 100)
        {
            var requests = (await TakeAsync()).Requests;
            Assert.InRange(requests.Count, 0, SessionInbox.MaxRequests);
            received.AddRange(requests.Cast<DiscoveryRequest>().Select(r => r.ResponseNonce));
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), received);
        await sending.WaitAsync(Limit);
    }

    [Fact]
    public async Task WhoWaitsForRoomStopsWhenTheSessionEnds()
    {
        using var stop = new CancellationTokenSource();
        for (var i = 0; i < SessionInbox.MaxRequests; i++)
            await _inbox.RequestedAsync(new DiscoveryRequest(), stop.Token);
        var waiting = _inbox.RequestedAsync(new DiscoveryRequest(), stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Limit));
    }

    [Fact]
    public async Task TheEndComesAfterTheRequestsBeforeIt()
    {
        await _inbox.RequestedAsync(new DiscoveryRequest(), default);
        _inbox.RequestsEnded(new InvalidDataException("no message"));

        var news = await TakeAsync();

        Assert.Single(news.Requests);
        Assert.Equal((true, "no message"), (news.RequestsEnded, news.RequestFailure!.Message));
    }

    [Fact]
    public async Task TheFirstReasonToEndCounts()
    {
        await _inbox.SessionEnded("superseded");
        await _inbox.SessionEnded("the mesh was deleted");

        Assert.Equal("superseded", (await TakeAsync()).Ended);
    }

    private Task<SessionNews> TakeAsync() => _inbox.TakeAsync(default).AsTask().WaitAsync(Limit);

    private bool IsNews()
    {
        using var now = new CancellationTokenSource();
        var taking = _inbox.TakeAsync(now.Token);
        now.Cancel();
        return taking.IsCompletedSuccessfully;
    }

    private static EncodedResource Endpoints(string version) => new("web", version, new byte[] { 1 });
}
