-- PotentialBeaconing: one device that keeps connecting to one public address at a steady rate.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold.
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
        toUInt128(if(match(t."RemoteIP", '(?:^|:)0[0-9]+[.]|[.]0[0-9]'), NULL, toIPv6OrNull(t."RemoteIP"))) AS RemoteIPNumber,
        replaceRegexpOne(ifNull(toString(if(match(t."RemoteIP", '(?:^|:)0[0-9]+[.]|[.]0[0-9]'), NULL, toIPv6OrNull(t."RemoteIP"))), ''), '^::ffff:([0-9]+[.])', '\\1') AS RemoteIPCanonical,
        t."RemoteUrl" AS RemoteUrl,
        t."RemotePort" AS RemotePort,
        t."SentBytes" AS SentBytes,
        t."ReceivedBytes" AS ReceivedBytes,
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
        RemoteIPCanonical AS RemoteIP,
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
      AND NOT (RemoteIPNumber BETWEEN {beaconing_private0_first:UInt128} AND {beaconing_private0_last:UInt128})
      AND NOT (RemoteIPNumber BETWEEN {beaconing_private1_first:UInt128} AND {beaconing_private1_last:UInt128})
      AND NOT (RemoteIPNumber BETWEEN {beaconing_private2_first:UInt128} AND {beaconing_private2_last:UInt128})
      AND NOT (RemoteIPNumber BETWEEN toUInt128('0') AND toUInt128('1')) -- ::/127
      AND NOT (RemoteIPNumber BETWEEN toUInt128('334965454937798799971759379190646833152') AND toUInt128('337623910929368631717566993311207522303')) -- fc00::/7
      AND NOT (RemoteIPNumber BETWEEN toUInt128('338288524927261089654018896841347694592') AND toUInt128('338620831926207318622244848606417780735')) -- fe80::/10
      AND NOT (RemoteIPNumber BETWEEN toUInt128('338953138925153547590470800371487866880') AND toUInt128('340282366920938463463374607431768211455')) -- ff00::/8
      AND isNotNull(RemoteIPNumber)
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
        ConnectionCount / DurationHours AS BeaconRate,
        UniqueRemotePorts
    FROM
    (
        SELECT
            DeviceId,
            DeviceName,
            RemoteIP,
            RemoteUrl,
            toInt64(count()) AS ConnectionCount,
            toInt64(uniqExact(RemotePort)) AS UniqueRemotePorts,
            -- null bytes count as 0
            toInt64(sum(ifNull(SentBytes, 0))) AS BytesSent,
            toInt64(sum(ifNull(ReceivedBytes, 0))) AS BytesReceived,
            min(Timestamp) AS FirstSeen,
            max(Timestamp) AS LastSeen,
            -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC; so does dateDiff, and age() does not
            dateDiff('hour', FirstSeen, LastSeen, 'UTC') AS DurationHours,
            arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, {beaconing_samples:Int64}) AS SampleProcesses
        FROM events
        GROUP BY DeviceId, DeviceName, RemoteIP, RemoteUrl
    )
    WHERE ConnectionCount >= {beaconing_minConnections:Int64}
      AND BytesSent > {beaconing_bytesSentOver:Int64}
      AND DurationHours > {beaconing_durationHoursOver:Int64}
      -- between: both ends are in
      AND BeaconRate >= {beaconing_minBeaconRate:Float64}
      AND BeaconRate <= {beaconing_maxBeaconRate:Float64}
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
    FirstSeen,
    LastSeen,
    DurationHours,
    BeaconRate,
    UniqueRemotePorts
FROM findings
ORDER BY Timestamp DESC, AlertType, DeviceName, RemoteIP, RemoteUrl, DeviceId
LIMIT {limit:Int64}
