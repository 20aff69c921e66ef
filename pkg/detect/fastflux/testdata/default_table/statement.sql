-- PotentialFastFluxActivity: a process that is no browser and reaches many addresses within one hour.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName and UTC hour that passes both thresholds.
-- Parameters: fastFlux_*, as declared in params.go; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."DeviceId" AS DeviceId,
        t."DeviceName" AS DeviceName,
        t."ActionType" AS ActionType,
        t."RemoteIP" AS RemoteIP,
        IPv4StringToNumOrDefault(t."RemoteIP") AS RemoteIPv4Number,
        t."RemoteUrl" AS RemoteUrl,
        t."InitiatingProcessFileName" AS InitiatingProcessFileName
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        -- an address as what it is compared by: a number takes less than its text, and the rule on addresses sees to it that
        -- each has one text only
        RemoteIPv4Number AS Address,
        RemoteUrl,
        InitiatingProcessFileName
    FROM mapped
    WHERE ActionType IN {fastFlux_actionTypes:Array(String)}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND NOT (RemoteIPv4Number BETWEEN {fastFlux_private0_first:UInt32} AND {fastFlux_private0_last:UInt32})
      AND NOT (RemoteIPv4Number BETWEEN {fastFlux_private1_first:UInt32} AND {fastFlux_private1_last:UInt32})
      AND NOT (RemoteIPv4Number BETWEEN {fastFlux_private2_first:UInt32} AND {fastFlux_private2_last:UInt32})
      AND IPv4NumToString(RemoteIPv4Number) = RemoteIP
      -- `!in~` folds ASCII case, as lower() does; an empty name passes
      AND lower(InitiatingProcessFileName) NOT IN {fastFlux_excludeProcesses:Array(String)}
),
findings AS
(
    SELECT
        Hour AS Timestamp,
        DeviceName,
        '' AS RemoteIP,
        DomainList[1] AS RemoteUrl,
        'PotentialFastFluxActivity' AS AlertType,
        ConnectionCount,
        toInt64(0) AS BytesSent,
        toInt64(0) AS BytesReceived,
        SampleProcesses,
        DeviceId,
        UniqueIPs,
        UniqueDomains,
        DomainList
    FROM
    (
        SELECT
            DeviceId,
            DeviceName,
            -- bin(Timestamp, 1h): hours are UTC. In milliseconds, since toStartOfHour is wrong before 1970 and after 2105.
            toStartOfInterval(Timestamp, toIntervalMillisecond(3600000), 'UTC') AS Hour,
            toInt64(count()) AS ConnectionCount,
            -- over all the domains of the device and hour
            toInt64(uniqExact(Address)) AS UniqueIPs,
            -- gathered once, for their number and the list
            groupUniqArrayIf(RemoteUrl, RemoteUrl != '') AS Domains,
            toInt64(length(Domains)) AS UniqueDomains,
            -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
            arraySlice(arraySort(Domains), 1, {fastFlux_domainSamples:Int64}) AS DomainList,
            arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, {fastFlux_samples:Int64}) AS SampleProcesses
        FROM events
        GROUP BY DeviceId, DeviceName, Hour
    )
    WHERE UniqueIPs >= {fastFlux_minUniqueIPs:Int64}
      AND ConnectionCount >= {fastFlux_minConnections:Int64}
)
,
-- What every detector's findings have beside their own columns.
graded AS
(
    SELECT
        *,
        CAST(NULL, 'Nullable(Int64)') AS ASN,
        '' AS ASName,
        toInt64(0) AS SuspiciousASN,
        -- the highest of the conditions in severity.go that hold, and a step more in a suspicious network
        ['low', 'medium', 'high', 'critical'][least(4, greatest(1, if(1, 1, 1)) + SuspiciousASN)] AS Severity,
        -- no time and no count is in it: the same finding has the same key at any time
        lower(hex(substring(SHA256(concat('8:fastFlux', toString(length(DeviceName)), ':', DeviceName, toString(length(DeviceId)), ':', DeviceId)), 1, 8))) AS FindingKey
    FROM findings
)
-- One row a finding, newest first. One row more than asked for is read, so that a cut result shows.
SELECT
    Timestamp,
    DeviceName,
    RemoteIP,
    RemoteUrl,
    AlertType,
    ConnectionCount,
    BytesSent,
    BytesReceived,
    SampleProcesses,
    DeviceId,
    UniqueIPs,
    UniqueDomains,
    DomainList,
    Severity,
    SuspiciousASN,
    FindingKey,
    ASN,
    ASName
FROM graded
ORDER BY Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, DeviceId
LIMIT {limit:Int64}
