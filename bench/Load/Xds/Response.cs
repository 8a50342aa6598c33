using Envoy.Service.Discovery.V3;

namespace OrleansMesh.Load.Xds;

/// <summary>A discovery response of either variant, its resources still as they came.</summary>
internal readonly ref struct Response
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly Variant _variant;

    public Response(Variant variant, ReadOnlySpan<byte> message)
    {
        _message = message;
        _variant = variant;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.Field == TypeField)
                Type = ResourceType.Find(reader.Bytes);
            else if (reader.Field == NonceField)
                Nonce = reader.Bytes;
            else if (reader.Field == VersionField)
                Version = reader.Bytes;
        }
    }

    public ResourceType? Type { get; }

    public ReadOnlySpan<byte> Nonce { get; }

    /// <summary>The version of all of them; what a state-of-the-world client gives back.</summary>
    public ReadOnlySpan<byte> Version { get; }

    private const int TypeField = DeltaDiscoveryResponse.TypeUrlFieldNumber;
    private const int NonceField = DeltaDiscoveryResponse.NonceFieldNumber;
    private const int VersionField = DiscoveryResponse.VersionInfoFieldNumber;

    public Enumerator GetEnumerator() => new(_variant, _message);

    /// <summary>One resource, or the name of one that is there no longer.</summary>
    internal readonly ref struct Item(ReadOnlySpan<byte> name, ReadOnlySpan<byte> version, ReadOnlySpan<byte> body, bool isRemoval)
    {
        public ReadOnlySpan<byte> Name { get; } = name;

        /// <summary>Empty in the state-of-the-world variant, in which a resource has no version of its own.</summary>
        public ReadOnlySpan<byte> Version { get; } = version;

        /// <summary>A serialised <c>google.protobuf.Any</c>.</summary>
        public ReadOnlySpan<byte> Body { get; } = body;

        public bool IsRemoval { get; } = isRemoval;
    }

    internal ref struct Enumerator(Variant variant, ReadOnlySpan<byte> message)
    {
        private WireReader _reader = new(message);

        public Item Current { get; private set; }

        public bool MoveNext()
        {
            while (_reader.Next())
            {
                if (_reader.Field == DeltaDiscoveryResponse.ResourcesFieldNumber)
                {
                    Current = variant == Variant.Delta ? Versioned(_reader.Bytes) : new Item(NameIn(_reader.Bytes), default, _reader.Bytes, false);
                    return true;
                }

                if (variant == Variant.Delta && _reader.Field == DeltaDiscoveryResponse.RemovedResourcesFieldNumber)
                {
                    Current = new Item(_reader.Bytes, default, default, true);
                    return true;
                }
            }

            return false;
        }

        private static Item Versioned(ReadOnlySpan<byte> resource)
        {
            ReadOnlySpan<byte> name = default, version = default, body = default;
            var reader = new WireReader(resource);
            while (reader.Next())
            {
                if (reader.Field == Resource.NameFieldNumber)
                    name = reader.Bytes;
                else if (reader.Field == Resource.VersionFieldNumber)
                    version = reader.Bytes;
                else if (reader.Field == Resource.Resource_FieldNumber)
                    body = reader.Bytes;
            }

            return new Item(name, version, body, false);
        }

        // Every xDS resource has its name in field 1, and Any its content in field 2.
        private static ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> any) => WireReader.Find(WireReader.Find(any, 2), 1);
    }
}

/// <summary>The two variants of xDS.</summary>
internal enum Variant
{
    Delta,
    StateOfTheWorld,
}
