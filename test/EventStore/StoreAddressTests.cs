namespace OrleansMesh.EventStore.Tests;

public sealed class StoreAddressTests
{
    [Theory]
    [InlineData("postgres://mesh@db.example:6432/log", "db.example", 6432, "log", "mesh", PostgresTls.VerifyFull)]
    [InlineData("postgresql://mesh@db.example/log", "db.example", 5432, "log", "mesh", PostgresTls.VerifyFull)]
    [InlineData("postgres://mesh@10.0.0.7/log?sslmode=verify-ca", "10.0.0.7", 5432, "log", "mesh", PostgresTls.VerifyCa)]
    [InlineData("postgres://mesh@db.example/log?sslmode=disable", "db.example", 5432, "log", "mesh", PostgresTls.Disable)]
    [InlineData("postgres://mesh@127.0.0.1/log", "127.0.0.1", 5432, "log", "mesh", PostgresTls.Prefer)]
    [InlineData("postgres://mesh@localhost/log", "localhost", 5432, "log", "mesh", PostgresTls.Prefer)]
    [InlineData("postgres://mesh@[::1]:7000/log", "::1", 7000, "log", "mesh", PostgresTls.Prefer)]
    [InlineData("postgres://mesh@[2001:db8::1]/log", "2001:db8::1", 5432, "log", "mesh", PostgresTls.VerifyFull)]
    [InlineData("postgres://a%40b@db.example/my%20log", "db.example", 5432, "my log", "a@b", PostgresTls.VerifyFull)]
    [InlineData("postgres://mesh@/log?host=/run/postgresql&port=7001", "/run/postgresql", 7001, "log", "mesh", PostgresTls.Prefer)]
    public void A_database_is_read_from_its_address(string text, string host, int port, string database, string user, PostgresTls tls)
    {
        var address = Assert.IsType<PostgresAddress>(StoreAddress.Parse(text));
        Assert.Equal(new PostgresAddress(host, port, database, user, tls), address);
        Assert.Equal(address, StoreAddress.Parse($"{address}"));
    }

    [Fact]
    public void The_files_of_TLS_are_read_from_the_address()
    {
        var address = Assert.IsType<PostgresAddress>(StoreAddress.Parse("postgres://u@h/d?sslrootcert=/a/ca.pem&sslcert=/a/c.pem&sslkey=/a/k.pem"));
        Assert.Equal(("/a/ca.pem", "/a/c.pem", "/a/k.pem"), (address.RootCertificateFile, address.ClientCertificateFile, address.ClientKeyFile));
    }

    [Theory]
    [InlineData("/var/lib/mesh", "/var/lib/mesh")]
    [InlineData("/var/lib/../lib/mesh", "/var/lib/mesh")]
    public void Anything_that_is_a_path_is_a_folder(string text, string folder)
        => Assert.Equal(new FolderAddress(folder), StoreAddress.Parse(text));

    [Theory]
    [InlineData("", "expected a folder, or postgres://")]
    [InlineData("mysql://mesh@db/log", "expected a folder, or postgres://")]
    [InlineData("Host=db;Password=hunter2", "expected a folder, or postgres://")]
    [InlineData("postgres:mesh@db/log", "expected postgres://user@host:port/database")]
    [InlineData("postgres://db/log", "names no user")]
    [InlineData("postgres://mesh@db", "names no database")]
    [InlineData("postgres://mesh@db/log/more", "names no database")]
    [InlineData("postgres://mesh@/log", "names no host")]
    [InlineData("postgres://mesh:hunter2@db/log", "PGPASSWORD")]
    [InlineData("postgres://mesh:@db/log", "PGPASSWORD")]
    [InlineData("postgres://mesh:hunter2/with#signs@db/log", "expected postgres://user@host:port/database")]
    [InlineData("postgres://mesh@db/log?password=hunter2", "PGPASSWORD")]
    [InlineData("postgres://mesh@db/log?hunter2=1", "expected no parameters but sslmode")]
    [InlineData("postgres://mesh@db/log?sslmode", "name=value")]
    [InlineData("postgres://mesh@db/log?sslmode=require", "expected one of disable, prefer, verify-ca, verify-full")]
    [InlineData("postgres://mesh@db/log?sslmode=prefer", "gives way")]
    [InlineData("postgres://mesh@db/log?sslrootcert=", "expected a file")]
    [InlineData("postgres://mesh@db/log?sslkey=/k.pem", "expected sslcert")]
    [InlineData("postgres://mesh@db/log?host=/run", "no other host")]
    [InlineData("postgres://mesh@/log?host=/run&port=0", "from 1 to 65535")]
    public void What_is_no_address_is_refused_with_what_was_expected_and_never_repeated(string text, string expected)
    {
        var refusal = Assert.Throws<FormatException>(() => StoreAddress.Parse(text));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refusal.Message, StringComparison.Ordinal);
    }
}
