-- SuspiciousDynamicDNS: successful connections to names under dynamic DNS providers.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one RemoteUrl as it is written (match: contains), or one host (match: suffix).
-- Parameters: dynamicDns_*, as declared in params.go, with dynamicDns_beacon_* the default thresholds of beaconing;
-- dynamicSuffixes and dynamicProviders the known domains; from, to and filter* belong to the source.
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
        t."RemoteUrl" AS RemoteUrl,
        IPv4StringToNumOrDefault(t."RemoteIP") AS RemoteIPv4Number,
        t."RemotePort" AS RemotePort,
        t."SentBytes" AS SentBytes,
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
        RemoteIP,
        Host AS RemoteUrl,
        ActionType,
        RemoteIPv4Number,
        RemotePort,
        SentBytes,
        InitiatingProcessFileName
    FROM
    (
        SELECT
            *,
            -- Whatever lies under a domain contains it: this spares most rows the host. Many domains at once are found
            -- faster than even one host is cut out. Both know UTF-8 only: a text that is none has no host.
            multiMatchAny(lower(RemoteUrl), arrayMap(domain -> replaceAll(domain, '.', '[.]'), {dynamicSuffixes:Array(String)})) AS Named,
            -- said again, since ClickHouse would cut the host out of every row before it looks at the condition
            if(Named, extract(replaceRegexpOne(lower(RemoteUrl), '^(?:[a-z][a-z0-9+.-]*:)?//', ''), '^(?:[^/?#]*@)?([^/?#:@]*?)[.]?(?::[0-9]*)?(?:[/?#]|$)'), '') AS Host
        FROM mapped
        WHERE ActionType IN {dynamicDns_actionTypes:Array(String)}
          AND Named
    )
    -- A name under a listed domain: at least one more label, so that the domain itself does not count.
    WHERE arrayFirst(ending -> ending IN {dynamicSuffixes:Array(String)} AND length(Host) > length(ending) + 1, arrayMap(i -> arrayStringConcat(arraySlice(splitByChar('.', Host), i), '.'), range(2, length(splitByChar('.', Host)) + 1))) != ''
),
-- The connections of one device to one address of a name, which is what beaconing looks at. Only few events have such a
-- name: to look at them again costs nothing beside finding them.
connections AS
(
    SELECT
        RemoteUrl,
        RemoteIP,
        DeviceId,
        DeviceName,
        count() AS PairConnections,
        min(Timestamp) AS PairFirstSeen,
        max(Timestamp) AS PairLastSeen,
        groupUniqArray(InitiatingProcessFileName) AS Processes,
        countIf(ForBeaconing) AS BeaconConnections,
        sumIf(ifNull(SentBytes, 0), ForBeaconing) AS BeaconBytes,
        dateDiff('hour', minIf(Timestamp, ForBeaconing), maxIf(Timestamp, ForBeaconing), 'UTC') AS BeaconHours,
        BeaconConnections / BeaconHours AS BeaconRate
    FROM
    (
        SELECT
            *,
            ActionType IN {dynamicDns_beacon_actionTypes:Array(String)}
      AND RemotePort IN {dynamicDns_beacon_ports:Array(Int64)}
      AND NOT (RemoteIPv4Number BETWEEN {dynamicDns_beacon_private0_first:UInt32} AND {dynamicDns_beacon_private0_last:UInt32})
      AND NOT (RemoteIPv4Number BETWEEN {dynamicDns_beacon_private1_first:UInt32} AND {dynamicDns_beacon_private1_last:UInt32})
      AND NOT (RemoteIPv4Number BETWEEN {dynamicDns_beacon_private2_first:UInt32} AND {dynamicDns_beacon_private2_last:UInt32})
      AND IPv4NumToString(RemoteIPv4Number) = RemoteIP AS ForBeaconing
        FROM events
    )
    GROUP BY RemoteUrl, RemoteIP, DeviceId, DeviceName
),
findings AS
(
    SELECT
        LastSeen AS Timestamp, -- the analytic's now() would sort first for ever and never be the same twice
        'Multiple' AS DeviceName,
        SampleIPs[1] AS RemoteIP,
        RemoteUrl,
        'SuspiciousDynamicDNS' AS AlertType,
        ConnectionCount,
        toInt64(0) AS BytesSent,
        toInt64(0) AS BytesReceived,
        SampleProcesses,
        UniqueDevices,
        SampleDevices,
        SampleIPs,
        FirstSeen,
        LastSeen
    FROM
    (
        SELECT
            RemoteUrl,
            toInt64(uniqExact(DeviceId)) AS UniqueDevices,
            -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
            arraySlice(arraySort(groupUniqArrayIf(DeviceName, DeviceName != '')), 1, {dynamicDns_samples:Int64}) AS SampleDevices,
            arraySlice(arraySort(groupUniqArrayIf(RemoteIP, RemoteIP != '')), 1, {dynamicDns_samples:Int64}) AS SampleIPs,
            toInt64(sum(PairConnections)) AS ConnectionCount,
            min(PairFirstSeen) AS FirstSeen,
            max(PairLastSeen) AS LastSeen,
            arraySlice(arraySort(arrayFilter(process -> process != '', groupUniqArrayArray(Processes))), 1, {dynamicDns_samples:Int64}) AS SampleProcesses,
            -- the default thresholds of beaconing; between: both ends are in
            countIf(BeaconConnections >= {dynamicDns_beacon_minConnections:Int64}
                AND BeaconBytes > {dynamicDns_beacon_bytesSentOver:Int64}
                AND BeaconHours > {dynamicDns_beacon_durationHoursOver:Int64}
                AND BeaconRate >= {dynamicDns_beacon_minBeaconRate:Float64}
                AND BeaconRate <= {dynamicDns_beacon_maxBeaconRate:Float64}) > 0 AS Beacons
        FROM connections
        GROUP BY RemoteUrl
    )
    WHERE ConnectionCount >= {dynamicDns_minConnections:Int64}
      AND Beacons
)
-- One row a set of labels: the highest alert value in the window, with the key that the same finding has in a table. One
-- row more than asked for is read, so that a cut result shows.
SELECT
    RemoteUrl,
    lower(hex(substring(SHA256(concat('10:dynamicDns', toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8))) AS FindingKey,
    toFloat64(max(ConnectionCount)) AS Value
FROM findings
GROUP BY RemoteUrl
ORDER BY RemoteUrl
LIMIT {limit:Int64}
