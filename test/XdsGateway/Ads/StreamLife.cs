using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Tests.Ads;

/// <summary>Independent resources of several types under arbitrary subscriptions. Versions that are divisible by five are bad.</summary>
internal sealed class StreamLife
{
    private static readonly string[] AllTypes = [XdsType.Cluster, XdsType.Endpoints, XdsType.Secret, XdsType.Listener, XdsType.Route];
    private static readonly string[] AllNames = ["a", "b", "c", "d"];

    private readonly ByteProgram _program;
    private readonly AdsVariant _variant;
    private readonly ModelClient _client;
    private readonly Dictionary<(string Type, string Name), EncodedResource> _target = [];
    private int _version;

    public StreamLife(AdsVariant variant, byte[] program)
    {
        _variant = variant;
        _program = new ByteProgram(program);
        _client = ModelClient.Connect(variant, [.. Content()]);
        _client.NamesBadResource = _program.Flip();
        _client.AppliesGoodPart = _program.Flip();
        if (_program.Flip())
            _client.IsBad = (_, content) => int.Parse(content.Version) % 5 == 0;
    }

    public void Run()
    {
        while (!_program.IsOver)
            Step();

        _client.ReadAll();
        // Whatever the client brought from an earlier stream may go now: every type that it wants has been asked for.
        _client.Session.ConcludeReconnect();
        _client.Set();
        _client.ReadAll();
        Agree();

        _client.Set([.. Content()]);
        Assert.Empty(_client.ReadAll());
    }

    private void Step()
    {
        var type = AllTypes[_program.Next(AllTypes.Length)];
        var names = _program.Some(AllNames);
        switch (_program.Next(8))
        {
            case 0 or 1:
                Change(type, names);
                break;
            case 2:
                _client.Subscribe(type, names.Length == 0 ? ["*"] : names);
                break;
            case 3:
                if (_client.Of(type) is { Wildcard: false, Names.Count: 0 } && names.Length == 0)
                    _client.SubscribeToAll(type);
                else if (_client.Of(type).Names.Overlaps(names))
                    _client.Unsubscribe(type, [.. names.Where(_client.Of(type).Names.Contains)]);
                break;
            case 4:
                if (_client.Of(type) is { Wildcard: true, Names.Count: > 0 })
                    _client.Unsubscribe(type, "*");
                break;
            case 5 or 6:
                _client.ReadOne();
                break;
            case 7:
                _client.Reconnect(Content());
                break;
        }
    }

    private void Change(string type, string[] names)
    {
        var upserted = new List<EncodedResource>();
        var removed = new List<string>();
        foreach (var name in names)
        {
            if (_program.Next(3) == 0)
            {
                _target.Remove((type, name));
                removed.Add(name);
            }
            else
            {
                var resource = Ads.Content.Of(type, name, $"{++_version}");
                _target[(type, name)] = resource;
                upserted.Add(resource);
            }
        }

        _client.Set(new TypeChange(type, Complete: false) { Upserted = upserted, Removed = removed });
    }

    private IEnumerable<TypeChange> Content() => AllTypes.Select(type => new TypeChange(type, Complete: true)
    {
        Upserted = [.. _target.Where(pair => pair.Key.Type == type).Select(pair => pair.Value)],
    });

    private void Agree()
    {
        foreach (var type in AllTypes)
        {
            var client = _client.Of(type);
            foreach (var name in AllNames.Where(client.Includes))
            {
                var target = _target.GetValueOrDefault((type, name));
                var has = client.Content.GetValueOrDefault(name)?.Version;
                if (target is null)
                    Assert.True(has is null || MayLinger(type), $"{type} {name}: the client keeps {has}");
                else
                    Assert.True(has == target.Version || WasRejected(type, target), $"{type} {name}: the client has '{has}', not {target.Version}");
            }
        }
    }

    /// <summary>In the state of the world only clusters and listeners can be removed; and what something refused may refer to is not.</summary>
    private bool MayLinger(string type) =>
        (_variant == AdsVariant.StateOfTheWorld && type is not (XdsType.Cluster or XdsType.Listener))
        || (_client.Events.OfType<AdsEvent.Rejected>().Any() && type != XdsType.Listener);

    private bool WasRejected(string type, EncodedResource resource) =>
        _client.Read.Any(response => response.Type == type && response.Resources.Contains(resource)
            && _client.Events.Any(e => e is AdsEvent.Rejected rejected && rejected.Type == type && rejected.Resources.Contains(resource.Name)));
}
