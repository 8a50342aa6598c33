using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Tests.Ads;

/// <summary>Few names and many: sets and tables of names behave as those of the library do.</summary>
public sealed class NameTableTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(150)]
    [InlineData(1000)]
    public void WhateverIsAddedAndRemovedIsThereOrNot(int names)
    {
        var random = new Random(names);
        var (set, table) = (new NameSet(), new NameTable<(string Name, int Value)>(static one => one.Name));
        var expected = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var step = 0; step < 20 * names; step++)
        {
            var name = $"name-{random.Next(names)}";
            var isThere = expected.ContainsKey(name);
            Assert.Equal(isThere, set.Contains(name));
            Assert.Equal(isThere, table.ContainsKey(name));
            Assert.Equal(expected.GetValueOrDefault(name), table.GetValueOrDefault(name).Value);
            switch (random.Next(3))
            {
                case 0:
                    Assert.Equal(isThere, set.Remove(name));
                    Assert.Equal(isThere, table.Remove(name, out var removed));
                    Assert.Equal(expected.GetValueOrDefault(name), removed.Value);
                    expected.Remove(name);
                    break;
                case 1:
                    Assert.Equal(!isThere, set.Add(name));
                    table.Set((name, expected[name] = step));
                    break;
                default:
                    Assert.Equal(!isThere, table.TryAdd((name, step)));
                    expected.TryAdd(name, step);
                    set.UnionWith([name, name]);
                    break;
            }
        }

        Assert.Equal((expected.Count, expected.Count), (set.Count, table.Count));
        Assert.Equal(expected.Keys, set.Order(StringComparer.Ordinal));
        Assert.Equal(expected.Keys, table.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(expected.Values.Order(), table.Values.Select(static one => one.Value).Order());
        set.Clear();
        table.Clear();
        Assert.Empty(set);
        Assert.Equal(0, table.Count);
        Assert.False(table.ContainsKey(expected.Keys.First()));
    }

    [Fact]
    public void ASetKeepsTheTextThatItIsToShareAndNoNameThatItLacks()
    {
        var set = new NameSet { new string("backend".AsSpan()) };
        var shared = new string("backend".AsSpan());
        set.Share(shared);
        set.Share("web");
        Assert.Same(shared, Assert.Single(set));
    }
}
