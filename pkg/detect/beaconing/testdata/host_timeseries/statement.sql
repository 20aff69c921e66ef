-- PotentialBeaconing: one device that keeps connecting to one public address at a steady rate.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold; by host, one device and host.
-- Parameters: beaconing_*, as declared in params.go; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."DeviceId" AS DeviceId,
        t."DeviceName" AS DeviceName,
        multiIf(match(t."DeviceId", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(t."DeviceId"), match(t."DeviceId", '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(t."DeviceId", '^[^.]+')), if(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1') = '', multiIf(match(t."DeviceName", '^[0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*$'), lower(t."DeviceName"), match(t."DeviceName", '^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]*(?:[.][0-9A-Za-z_-]+)*[.][A-Za-z][0-9A-Za-z-]+$'), lower(extract(t."DeviceName", '^[^.]+')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpAll(t."DeviceName", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1')), replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(lowerUTF8(toValidUTF8(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(t."DeviceId", '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '^[{(]?0{8}[0-]*[)}]?$', ''))), '(?s)^[^\\\\]+[\\\\](.+)$', '\\1'), '(?s)^(.*[^.$])[.$]+$', '\\1'), '^(?:\\[?(?:::ffff:)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)(?:\\]?:[0-9]+|\\])?|\\[?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?:%[^]]*)?(?:\\](?::[0-9]+)?)?|[{(]([0-9a-f-]{36})[)}])$', '\\1\\2\\3'), '^([A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*[A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]*)(?:[.][A-Za-z\\x{80}-\\x{10FFFF}0-9_-]+)*[.][A-Za-z\\x{80}-\\x{10FFFF}][A-Za-z\\x{80}-\\x{10FFFF}0-9-]+$', '\\1'))) AS Device,
        t."ActionType" AS ActionType,
        multiIf((IPv4StringToNumOrDefault(t."RemoteIP") != 0 OR t."RemoteIP" = '0.0.0.0') AND length(t."RemoteIP") = 7 + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x0A000000) + (IPv4StringToNumOrDefault(t."RemoteIP") >= 0x64000000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x0A0000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF0000) >= 0x640000) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x0A00) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF00) >= 0x6400) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x0A) + (bitAnd(IPv4StringToNumOrDefault(t."RemoteIP"), 0xFF) >= 0x64), t."RemoteIP", t."RemoteIP" = '', '', match(t."RemoteIP", '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '.') = 0, ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), replaceOne(ifNull(toString(toIPv6OrNull(t."RemoteIP")), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(t."RemoteIP"), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress,
        t."RemoteUrl" AS RemoteUrl,
        t."RemotePort" AS RemotePort,
        CAST(t."SentBytes", 'Nullable(Int128)') AS Sent,
        CAST(t."ReceivedBytes", 'Nullable(Int128)') AS Received,
        replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(replaceRegexpOne(toValidUTF8(t."InitiatingProcessFileName"), '(?s)^[\\pZ\\pC]*"([^"]*)".*$', '\\1'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\'/\\\\]+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', ''), '(?is)^(.*?[.]exe)\\pZ.*$', '\\1'), '(?i)(?:\\pZ+[(]deleted[)]|[.]app)$', ''), '(?s)^.*[/\\\\]', '') AS ProcessName
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
-- The host of each connection: that of RemoteUrl, or where it has no name the address itself.
hosts AS
(
    SELECT
        *,
        -- a host is an address where it holds a colon, or is an IPv4's text
        position(UrlHost, ':') > 0 OR IPv4NumToString(IPv4StringToNumOrDefault(UrlHost)) = UrlHost AS IsAddress,
        -- a name without a dot means another host in each network: it is none here
        NOT IsAddress AND position(UrlHost, '.') = 0 AS IsNone,
        IsNone OR NOT IsAddress AND arrayExists(domain -> UrlHost = domain OR endsWith(UrlHost, concat('.', domain)), {beaconing_internalDomains:Array(String)}) AS IsInternal
    FROM (SELECT *, multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]) AS UrlHost FROM mapped)
),
judged AS
(
    SELECT
        *,
        if(IsNone, RemoteAddress, UrlHost) AS Host,
        -- a name of the internet is public whatever the address, which may be a proxy's
        NOT IsInternal AND NOT IsAddress AS IsName,
        -- a host that is an address must be public, and so must the address of an internal name
        if(IsInternal, if(position(RemoteAddress, ':') > 0, '', RemoteAddress), UrlHost) AS Judged,
        if(IsName, NULL, if(IPv4StringToNumOrDefault(Judged) != 0, toNullable(toUInt128(0xFFFF00000000 + IPv4StringToNumOrDefault(Judged))), toUInt128(toIPv6OrNull(Judged)))) AS JudgedNumber
    FROM hosts
),
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        Device,
        ActionType,
        RemoteAddress AS RemoteIP,
        Host AS RemoteUrl,
        RemotePort,
        Sent,
        Received,
        ProcessName
    FROM judged
    WHERE -- Which connections beaconing looks at.
      -- `in` is case-sensitive, in KQL as here
      ActionType IN {beaconing_actionTypes:Array(String)}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND (IsName OR arrayExists(number -> NOT (number BETWEEN {beaconing_private0_first:UInt128} AND {beaconing_private0_last:UInt128})
      AND NOT (number BETWEEN {beaconing_private1_first:UInt128} AND {beaconing_private1_last:UInt128})
      AND NOT (number BETWEEN {beaconing_private2_first:UInt128} AND {beaconing_private2_last:UInt128})
      AND NOT (number BETWEEN toUInt128('0') AND toUInt128('1')) -- ::/127
      AND NOT (number BETWEEN toUInt128('334965454937798799971759379190646833152') AND toUInt128('337623910929368631717566993311207522303')) -- fc00::/7
      AND NOT (number BETWEEN toUInt128('338288524927261089654018896841347694592') AND toUInt128('338620831926207318622244848606417780735')) -- fe80::/10
      AND NOT (number BETWEEN toUInt128('338953138925153547590470800371487866880') AND toUInt128('340282366920938463463374607431768211455')) -- ff00::/8
      AND isNotNull(number), [JudgedNumber]))
),
groups AS
(
    SELECT
        Device,
        min(events.DeviceId) AS DeviceId, -- one of the spellings, and always the same one
        argMax(events.DeviceName, (events.Timestamp, events.DeviceName)) AS DeviceName,
        minIf(events.RemoteIP, events.RemoteIP != '') AS RemoteIP, -- the first of several
        RemoteUrl,
        -- Some sensors write an attempt and a success of each connection. Where both together are too many for a beacon, each
        -- connection counts once: there cannot be fewer of them than there are events of one kind.
        toInt64(countIf(ActionType = 'ConnectionAttempt')) AS Attempts,
        toInt64(count()) AS Events,
        toInt64(if(Events > {beaconing_maxBeaconRate:Float64} * DurationHours AND Attempts > 0 AND Attempts < Events, greatest(Attempts, Events - Attempts), Events)) AS ConnectionCount,
        toInt64(uniqExact(RemotePort)) AS UniqueRemotePorts,
        CAST(if(sum(Sent) > 9007199254740992, 9007199254740992, sum(Sent)), 'Nullable(Int64)') AS BytesSent,
        CAST(if(sum(Received) > 9007199254740992, 9007199254740992, sum(Received)), 'Nullable(Int64)') AS BytesReceived,
        min(Timestamp) AS FirstSeen,
        max(Timestamp) AS LastSeen,
        -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC; so does dateDiff, and age() does not
        dateDiff('hour', FirstSeen, LastSeen, 'UTC') AS DurationHours,
        ConnectionCount / DurationHours AS BeaconRate,
        arraySlice(arraySort(groupUniqArrayIf(ProcessName, ProcessName != '')), 1, {beaconing_samples:Int64}) AS SampleProcesses
    FROM events
    GROUP BY Device, RemoteUrl
    HAVING -- Which groups of connections are a beacon.
       ConnectionCount >= {beaconing_minConnections:Int64}
       -- bytes that no event of the group counts are not known, which is not 0
       AND (isNull(BytesSent) OR BytesSent > {beaconing_bytesSentOver:Int64})
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
        UniqueRemotePorts,
        CAST(isNotNull(BytesSent), 'Bool') AS BytesKnown,
        Device
    FROM groups
),
-- The connections of each finding, under the name that the finding gives its device.
points AS
(
    SELECT
        events.Timestamp AS Timestamp,
        findings.DeviceName AS DeviceName,
        findings.DeviceId AS DeviceId,
        RemoteUrl
    FROM events
    INNER JOIN findings USING (Device, RemoteUrl)
)
,
-- One row a set of labels: the highest alert value in the window.
numbers AS
(
    SELECT
        DeviceName,
        DeviceId,
        RemoteUrl,
        toFloat64(BeaconRate) AS Value
    FROM findings
),
-- Who comes first where not all may be shown: the gravest finding of each device before the second of any, so that no device
-- takes the place of another.
turns AS
(
    SELECT
        *,
        row_number() OVER (PARTITION BY if(DeviceId = '', DeviceName, DeviceId) ORDER BY Value DESC, DeviceName, DeviceId, RemoteUrl) AS DeviceTurn
    FROM numbers
),
-- Rank 1 is shown first. Findings is how many there are, shown or not.
ranked AS
(
    SELECT
        *,
        toInt64(count() OVER ()) AS Findings,
        toInt64(row_number() OVER (ORDER BY greatest(DeviceTurn, DestinationTurn), Value DESC, DeviceName, DeviceId, RemoteUrl)) AS Rank
    FROM
    (
        -- the same for each destination, whose devices take turns
        SELECT
            *,
            row_number() OVER (PARTITION BY RemoteUrl ORDER BY DeviceTurn, Value DESC, DeviceName, DeviceId, RemoteUrl) AS DestinationTurn
        FROM turns
    )
    ORDER BY Rank
    LIMIT {limit:Int64}
)
-- One row a series and interval in which it has a value. Intervals are counted from the epoch, in UTC.
SELECT
    Rank,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(Timestamp), {interval:Int64}) * {interval:Int64}, 'UTC') AS Time,
    DeviceName,
    DeviceId,
    RemoteUrl,
    toFloat64(count()) AS Value,
    any(ranked.Findings) AS Findings
FROM points
INNER JOIN ranked USING (DeviceName, DeviceId, RemoteUrl)
GROUP BY Rank, Time, DeviceName, DeviceId, RemoteUrl
ORDER BY Rank, Time
