-- PotentialBeaconing: one device that keeps connecting to one public address at a steady rate.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold; by host, one DeviceId,
--           DeviceName and host.
-- Parameters: beaconing_*, as declared in params.go; from, to and filter* belong to the source.
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
        t."RemotePort" AS RemotePort,
        t."SentBytes" AS SentBytes,
        t."ReceivedBytes" AS ReceivedBytes,
        t."InitiatingProcessFileName" AS InitiatingProcessFileName,
        cityHash64(t."DeviceId", t."DeviceName", t."RemoteIP", t."RemoteUrl") AS GroupHash
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
-- The groups that may pass, by a hash of their names. Groups that share a hash count together, so that only thresholds
-- which more events can never fail may stand here; which group passes, the names decide below.
candidates AS
(
    SELECT GroupHash
    FROM mapped
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
    GROUP BY GroupHash
    HAVING count() >= {beaconing_minConnections:Int64}
       AND dateDiff('hour', min(Timestamp), max(Timestamp), 'UTC') > {beaconing_durationHoursOver:Int64}
),
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        RemoteIP,
        RemoteUrl, -- an empty one is a value of its own
        RemotePort,
        SentBytes,
        ReceivedBytes,
        InitiatingProcessFileName
    FROM mapped
    -- `in` is case-sensitive, in KQL as here
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND NOT (RemoteIPv4Number BETWEEN {beaconing_private0_first:UInt32} AND {beaconing_private0_last:UInt32})
      AND NOT (RemoteIPv4Number BETWEEN {beaconing_private1_first:UInt32} AND {beaconing_private1_last:UInt32})
      AND NOT (RemoteIPv4Number BETWEEN {beaconing_private2_first:UInt32} AND {beaconing_private2_last:UInt32})
      AND IPv4NumToString(RemoteIPv4Number) = RemoteIP
      AND GroupHash IN (SELECT GroupHash FROM candidates)
),
groups AS
(
    SELECT
        DeviceId,
        DeviceName,
        RemoteIP,
        RemoteUrl,
        toInt64(count()) AS ConnectionCount,
        toInt64(uniqExact(RemotePort)) AS UniqueRemotePorts,
        -- null bytes count as 0
        toInt64(sum(ifNull(events.SentBytes, 0))) AS BytesSent,
        toInt64(sum(ifNull(events.ReceivedBytes, 0))) AS BytesReceived,
        min(Timestamp) AS FirstSeen,
        max(Timestamp) AS LastSeen,
        -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC; so does dateDiff, and age() does not
        dateDiff('hour', FirstSeen, LastSeen, 'UTC') AS DurationHours,
        ConnectionCount / DurationHours AS BeaconRate,
        arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, {beaconing_samples:Int64}) AS SampleProcesses
    FROM events
    GROUP BY DeviceId, DeviceName, RemoteIP, RemoteUrl
    HAVING ConnectionCount >= {beaconing_minConnections:Int64}
       AND BytesSent > {beaconing_bytesSentOver:Int64}
       AND DurationHours > {beaconing_durationHoursOver:Int64}
       -- between: both ends are in
       AND BeaconRate >= {beaconing_minBeaconRate:Float64}
       AND BeaconRate <= {beaconing_maxBeaconRate:Float64}
),
findings AS
(
    SELECT
        LastSeen AS Timestamp,
        DeviceName,
        RemoteIP,
        RemoteUrl,
        'PotentialBeaconing' AS AlertType,
        ConnectionCount,
        BytesSent,
        BytesReceived,
        SampleProcesses,
        DeviceId,
        FirstSeen,
        LastSeen,
        DurationHours,
        BeaconRate,
        UniqueRemotePorts
    FROM groups
)
-- One row a set of labels: the highest alert value in the window, with the key that the same finding has in a table. One
-- row more than asked for is read, so that a cut result shows.
SELECT
    DeviceName,
    DeviceId,
    RemoteIP,
    RemoteUrl,
    lower(hex(substring(SHA256(concat('9:beaconing', toString(length(DeviceName)), ':', DeviceName, toString(length(DeviceId)), ':', DeviceId, toString(length(RemoteIP)), ':', RemoteIP, toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8))) AS FindingKey,
    toFloat64(max(BeaconRate)) AS Value
FROM findings
GROUP BY DeviceName, DeviceId, RemoteIP, RemoteUrl
ORDER BY DeviceName, DeviceId, RemoteIP, RemoteUrl
LIMIT {limit:Int64}
