namespace OrleansMesh.OrleansSilo.Clustering;

/// <summary>
/// Orleans' membership in PostgreSQL. The protocol: one version for the whole table; whoever adds or changes a silo names the version that it has read, and
/// succeeds only when nobody was faster (Orleans' extended cluster membership protocol).
/// </summary>
internal static class MembershipStatements
{
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS OrleansQuery (QueryKey text PRIMARY KEY, QueryText text NOT NULL);
        CREATE TABLE IF NOT EXISTS cluster_version (deployment text PRIMARY KEY, version integer NOT NULL);
        CREATE TABLE IF NOT EXISTS cluster_silos (
            deployment text NOT NULL REFERENCES cluster_version,
            address text NOT NULL,
            port integer NOT NULL,
            generation integer NOT NULL,
            silo_name text NOT NULL,
            host_name text NOT NULL,
            status integer NOT NULL,
            proxy_port integer NOT NULL,
            suspect_times text,
            start_time timestamptz NOT NULL,
            i_am_alive_time timestamptz NOT NULL,
            PRIMARY KEY (deployment, address, port, generation));
        """;

    private const string Columns = """
        v.deployment AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
        s.host_name AS HostName, s.status AS Status, s.proxy_port AS ProxyPort, s.suspect_times AS SuspectTimes, s.start_time AS StartTime,
        s.i_am_alive_time AS IAmAliveTime, v.version AS Version
        """;

    private const string ThisSilo = "deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation";

    /// <summary>The statements by the names under which the provider looks for them.</summary>
    public static IReadOnlyDictionary<string, string> ByName { get; } = new Dictionary<string, string>
    {
        // The version row comes back also where there is no silo: an outer join.
        ["MembershipReadAllKey"] = $"SELECT {Columns} FROM cluster_version v LEFT JOIN cluster_silos s USING (deployment) WHERE v.deployment = @DeploymentId",
        ["MembershipReadRowKey"] = $"""
            SELECT {Columns} FROM cluster_version v
            LEFT JOIN (SELECT * FROM cluster_silos WHERE {ThisSilo}) s USING (deployment)
            WHERE v.deployment = @DeploymentId
            """,
        ["InsertMembershipVersionKey"] = """
            WITH made AS (INSERT INTO cluster_version VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT count(*)::integer FROM made
            """,
        ["InsertMembershipKey"] = $"""
            WITH next AS (
                UPDATE cluster_version SET version = version + 1
                WHERE deployment = @DeploymentId AND version = @Version AND NOT EXISTS (SELECT 1 FROM cluster_silos WHERE {ThisSilo})
                RETURNING 1),
            added AS (
                INSERT INTO cluster_silos
                    (deployment, address, port, generation, silo_name, host_name, status, proxy_port, start_time, i_am_alive_time)
                SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM next
                RETURNING 1)
            SELECT count(*)::integer FROM added
            """,
        ["UpdateMembershipKey"] = $"""
            WITH next AS (
                UPDATE cluster_version SET version = version + 1
                WHERE deployment = @DeploymentId AND version = @Version AND EXISTS (SELECT 1 FROM cluster_silos WHERE {ThisSilo})
                RETURNING 1),
            changed AS (
                UPDATE cluster_silos SET status = @Status, suspect_times = @SuspectTimes, i_am_alive_time = @IAmAliveTime
                FROM next WHERE {ThisSilo}
                RETURNING 1)
            SELECT count(*)::integer FROM changed
            """,
        ["UpdateIAmAlivetimeKey"] = $"UPDATE cluster_silos SET i_am_alive_time = @IAmAliveTime WHERE {ThisSilo}",
        ["DeleteMembershipTableEntriesKey"] = """
            DELETE FROM cluster_silos WHERE deployment = @DeploymentId;
            DELETE FROM cluster_version WHERE deployment = @DeploymentId
            """,
        ["GatewaysQueryKey"] = """
            SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation FROM cluster_silos
            WHERE deployment = @DeploymentId AND status = @Status AND proxy_port > 0
            """,

        // 3 is active: such a silo is suspected first, and declared dead, before it is forgotten.
        ["CleanupDefunctSiloEntriesKey"] = "DELETE FROM cluster_silos WHERE deployment = @DeploymentId AND i_am_alive_time < @IAmAliveTime AND status <> 3",
    };
}
