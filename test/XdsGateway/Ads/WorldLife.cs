using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Tests.Ads;

/// <summary>
/// Listeners that refer to clusters, as a control plane would change them: at every moment each listener's clusters exist. Whenever the client has
/// read a response, its listeners must find their clusters. Listeners of some versions are bad, clusters never are.
/// </summary>
internal sealed class WorldLife
{
    private static readonly string[] ClusterNames = ["a", "b", "c"];
    private static readonly string[] ListenerNames = ["x", "y"];

    private readonly ByteProgram _program;
    private readonly ModelClient _client;
    private Dictionary<string, EncodedResource> _clusters = [];
    private Dictionary<string, EncodedResource> _listeners = [];
    private int _version;

    public WorldLife(AdsVariant variant, byte[] program)
    {
        _program = new ByteProgram(program);
        _client = ModelClient.Connect(variant, [.. Content()]);
        _client.AppliesGoodPart = _program.Flip();
        if (_program.Flip())
            _client.IsBad = (type, content) => type == XdsType.Listener && int.Parse(content.Version) % 5 == 0;
        _client.SubscribeToAll(XdsType.Cluster);
        _client.SubscribeToAll(XdsType.Listener);
    }

    public bool Reconnects { get; init; }

    public void Run()
    {
        while (!_program.IsOver)
        {
            switch (_program.Next(6))
            {
                case 0 or 1:
                    _client.Set([.. Change()]);
                    break;
                case 2 when Reconnects:
                    // The server may have moved on while the client was away.
                    if (_program.Flip())
                        _ = Change().ToList();
                    _client.Reconnect(Content());
                    break;
                default:
                    _client.ReadOne();
                    EveryListenerFindsItsClusters();
                    break;
            }
        }

        while (_client.ReadOne() is not null)
            EveryListenerFindsItsClusters();
        if (!_client.Events.OfType<AdsEvent.Rejected>().Any())
        {
            Assert.Equal(Described(_clusters), _client.Has(XdsType.Cluster));
            Assert.Equal(Described(_listeners), _client.Has(XdsType.Listener));
        }
    }

    private IEnumerable<TypeChange> Change()
    {
        var (oldClusters, oldListeners) = (_clusters, _listeners);
        _clusters = _program.Some(ClusterNames).ToDictionary(name => name, name => oldClusters.TryGetValue(name, out var old) && _program.Flip()
            ? old
            : Ads.Content.Of(XdsType.Cluster, name, $"{++_version}"));
        string[] present = [.. _clusters.Keys];
        _listeners = _program.Some(ListenerNames).ToDictionary(name => name, name =>
            oldListeners.TryGetValue(name, out var old) && References(old).All(_clusters.ContainsKey) && _program.Flip()
                ? old
                : Ads.Content.Of(XdsType.Listener, name, $"{++_version}", _program.Some(present)));
        return [Difference(XdsType.Listener, oldListeners, _listeners), Difference(XdsType.Cluster, oldClusters, _clusters)];
    }

    private static IReadOnlyList<string> References(EncodedResource listener) =>
        Ads.Content.Decode(Google.Protobuf.WellKnownTypes.Any.Parser.ParseFrom(listener.Body.Span)).References;

    private static TypeChange Difference(string type, Dictionary<string, EncodedResource> old, Dictionary<string, EncodedResource> now) =>
        new(type, Complete: true)
        {
            Upserted = [.. now.Values.Where(resource => old.GetValueOrDefault(resource.Name) != resource)],
            Removed = [.. old.Keys.Where(name => !now.ContainsKey(name))],
        };

    private IEnumerable<TypeChange> Content() => [Difference(XdsType.Cluster, [], _clusters), Difference(XdsType.Listener, [], _listeners)];

    private static string Described(Dictionary<string, EncodedResource> resources) =>
        string.Join(' ', resources.Values.OrderBy(r => r.Name, StringComparer.Ordinal).Select(r => $"{r.Name}{r.Version}"));

    private void EveryListenerFindsItsClusters()
    {
        foreach (var listener in _client.Of(XdsType.Listener).Content.Values)
        {
            foreach (var cluster in listener.References)
                Assert.True(_client.Of(XdsType.Cluster).Content.ContainsKey(cluster), $"listener {listener.Name}{listener.Version} refers to cluster {cluster}, which the client does not have");
        }
    }
}
