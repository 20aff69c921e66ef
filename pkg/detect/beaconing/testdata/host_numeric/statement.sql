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
        t."RemoteUrl" AS RemoteUrl,
        t."RemotePort" AS RemotePort,
        t."SentBytes" AS SentBytes,
        t."ReceivedBytes" AS ReceivedBytes,
        t."InitiatingProcessFileName" AS InitiatingProcessFileName
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
-- The host of each connection takes the place of its name: that of RemoteUrl, or where it has none the address itself.
hosts AS
(
    SELECT
        * EXCEPT (RemoteIP, RemoteUrl),
        RemoteIP AS Address,
        extract(replaceRegexpOne(lower(RemoteUrl), '^(?:[a-z][a-z0-9+.-]*:)?//', ''), '^(?:[^/?#]*@)?([^/?#:@]*?)[.]?(?::[0-9]*)?(?:[/?#]|$)') AS UrlHost,
        IPv4NumToString(IPv4StringToNumOrDefault(UrlHost)) = UrlHost AS IsAddress,
        UrlHost = '' OR NOT IsAddress AND (position(UrlHost, '.') = 0 OR arrayExists(domain -> UrlHost = domain OR endsWith(UrlHost, concat('.', domain)), {beaconing_internalDomains:Array(String)})) AS IsInternal
    FROM mapped
),
named AS
(
    SELECT
        *,
        if(UrlHost = '', Address, UrlHost) AS RemoteUrl,
        -- a name of the internet is public whatever the address, which may be a proxy's
        NOT IsInternal AND NOT IsAddress AS IsName,
        -- a host that is an address must be public, and so must the address of an internal name
        if(IsInternal, Address, UrlHost) AS Judged,
        IPv4StringToNumOrDefault(Judged) AS JudgedNumber
    FROM hosts
),
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        Address AS RemoteIP,
        RemoteUrl, -- an empty one is a value of its own
        RemotePort,
        SentBytes,
        ReceivedBytes,
        InitiatingProcessFileName
    FROM named
    -- `in` is case-sensitive, in KQL as here
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND (IsName OR NOT (JudgedNumber BETWEEN {beaconing_private0_first:UInt32} AND {beaconing_private0_last:UInt32})
      AND NOT (JudgedNumber BETWEEN {beaconing_private1_first:UInt32} AND {beaconing_private1_last:UInt32})
      AND NOT (JudgedNumber BETWEEN {beaconing_private2_first:UInt32} AND {beaconing_private2_last:UInt32})
      AND IPv4NumToString(JudgedNumber) = Judged)
),
groups AS
(
    SELECT
        DeviceId,
        DeviceName,
        minIf(events.RemoteIP, events.RemoteIP != '') AS RemoteIP, -- the first of several
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
    GROUP BY DeviceId, DeviceName, RemoteUrl
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
    RemoteUrl,
    lower(hex(substring(SHA256(concat('9:beaconing', toString(length(DeviceName)), ':', DeviceName, toString(length(DeviceId)), ':', DeviceId, toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8))) AS FindingKey,
    toFloat64(max(BeaconRate)) AS Value
FROM findings
GROUP BY DeviceName, DeviceId, RemoteUrl
ORDER BY DeviceName, DeviceId, RemoteUrl
LIMIT {limit:Int64}
