-- PotentialBeaconing as an alert rule asks it, from events that carry the hash of their group.
-- Rows in:  events of the window, and what each hash stands for on each day of it, which the projection Groups of
--           network_events.sql answers.
-- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold.
-- Parameters: beaconing_*, as declared in params.go; firstDay and lastDay are those of the window, as toYYYYMMDD writes
-- them; from and to belong to the source.
WITH
-- The groups with enough events of any kind on these days: of them are those with enough connections in the window. (GLOBAL:
-- over several shards they are found once, and each shard is told.)
busy AS
(
    SELECT GroupHash
    FROM "default"."network_events"
    WHERE toYYYYMMDD(Timestamp) BETWEEN {beaconing_firstDay:UInt32} AND {beaconing_lastDay:UInt32}
    GROUP BY GroupHash
    HAVING count() >= {beaconing_minConnections:Int64}
       -- An address that is written in several ways gives one group several hashes: where any is, the statement fails as below.
       AND (SELECT throwIf(count() > 0) FROM (SELECT RemoteIP FROM "default"."network_events" WHERE toYYYYMMDD(Timestamp) BETWEEN {beaconing_firstDay:UInt32} AND {beaconing_lastDay:UInt32}
           AND NOT isIPv4String(RemoteIP) AND isIPv4String(multiIf(IPv4NumToString(IPv4StringToNumOrDefault(RemoteIP)) = RemoteIP, RemoteIP, RemoteIP = '', '', match(RemoteIP, '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '.') = 0, ifNull(toString(toIPv6OrNull(RemoteIP)), ''), replaceOne(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(RemoteIP), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'))) GROUP BY RemoteIP)) = 0
),
mapped AS
(
    SELECT
        t."Timestamp" AS Timestamp,
        t."ActionType" AS ActionType,
        t."RemotePort" AS RemotePort,
        CAST(t."SentBytes", 'Nullable(Int128)') AS Sent,
        t.GroupHash AS StoredHash
    FROM "default"."network_events" AS t
    WHERE t."Timestamp" >= {from:DateTime64(3, 'UTC')}
      AND t."Timestamp" < {to:DateTime64(3, 'UTC')}
),
-- Groups are known by the hash of their names. Groups that share a hash count together, so that only thresholds which more
-- events can never fail may stand here.
sums AS
(
    SELECT
        StoredHash AS GroupHash,
        toInt64(count()) AS ConnectionCount,
        CAST(if(sum(Sent) > 9007199254740992, 9007199254740992, sum(Sent)), 'Nullable(Int64)') AS BytesSent,
        -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC
        dateDiff('hour', min(Timestamp), max(Timestamp), 'UTC') AS DurationHours
    FROM mapped
    -- `in` is case-sensitive, in KQL as here
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
      AND StoredHash GLOBAL IN (SELECT GroupHash FROM busy)
    GROUP BY StoredHash
    HAVING ConnectionCount >= {beaconing_minConnections:Int64}
       AND DurationHours > {beaconing_durationHoursOver:Int64}
),
names AS
(
    SELECT DeviceName, RemoteUrl, RemoteIP, DeviceId, GroupHash, 1 AS Named
    FROM "default"."network_events"
    WHERE toYYYYMMDD(Timestamp) BETWEEN {beaconing_firstDay:UInt32} AND {beaconing_lastDay:UInt32}
      AND GroupHash GLOBAL IN (SELECT GroupHash FROM busy)
    GROUP BY DeviceName, RemoteUrl, RemoteIP, DeviceId, GroupHash
),
-- A hash decides nothing: its sums are a group's where it stands for one group alone, which comparing the names tells. Where
-- it has several, or none, the statement fails, and beaconing.sql is asked instead.
groups AS
(
    SELECT
        -- part of every value, so that no condition on one of them, here or in an allowlist, can leave a group out unchecked
        throwIf(sum(names.Named) != 1) AS Undecided,
        if(Undecided = 0, min(names.DeviceId), '') AS DeviceId,
        if(Undecided = 0, min(names.DeviceName), '') AS DeviceName,
        if(Undecided = 0, min(names.RemoteIP), '') AS RemoteIP,
        if(Undecided = 0, min(names.RemoteUrl), '') AS RemoteUrl,
        any(sums.ConnectionCount) + Undecided AS ConnectionCount,
        any(sums.BytesSent) + Undecided AS BytesSent,
        any(sums.DurationHours) AS DurationHours,
        ConnectionCount / DurationHours AS BeaconRate
    FROM names
    RIGHT JOIN sums ON names.GroupHash = sums.GroupHash
    GROUP BY sums.GroupHash
),
named AS
(
    SELECT DeviceId, DeviceName, multiIf(IPv4NumToString(IPv4StringToNumOrDefault(RemoteIP)) = RemoteIP, RemoteIP, RemoteIP = '', '', match(RemoteIP, '^[0-9A-Fa-f:]+$'), if(position(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '.') = 0, ifNull(toString(toIPv6OrNull(RemoteIP)), ''), replaceOne(ifNull(toString(toIPv6OrNull(RemoteIP)), ''), '::ffff:', '')), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(RemoteIP), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1')) AS RemoteAddress, IPv4StringToNumOrDefault(RemoteAddress) AS RemoteIPv4Number, RemoteUrl, ConnectionCount, BytesSent, BeaconRate
    FROM groups
),
findings AS
(
    SELECT
        DeviceId,
        DeviceName,
        RemoteAddress AS RemoteIP,
        RemoteUrl,
        BeaconRate
    FROM named
    -- not(ipv4_is_private(RemoteIP)), which is the same for all of a group: what is no address is dropped
    WHERE arrayExists(number -> NOT (number BETWEEN {beaconing_private0_first:UInt32} AND {beaconing_private0_last:UInt32})
      AND NOT (number BETWEEN {beaconing_private1_first:UInt32} AND {beaconing_private1_last:UInt32})
      AND NOT (number BETWEEN {beaconing_private2_first:UInt32} AND {beaconing_private2_last:UInt32})
      AND (number != 0 OR RemoteAddress = '0.0.0.0'), [RemoteIPv4Number])
      AND (isNull(BytesSent) OR BytesSent > {beaconing_bytesSentOver:Int64})
      -- between: both ends are in
      AND BeaconRate >= {beaconing_minBeaconRate:Float64}
      AND BeaconRate <= {beaconing_maxBeaconRate:Float64}
)
,
-- One row a set of labels: the highest alert value in the window.
numbers AS
(
    SELECT
        DeviceName,
        DeviceId,
        RemoteIP,
        RemoteUrl,
        lower(hex(substring(SHA256(concat('9:beaconing', toString(length(DeviceName)), ':', DeviceName, toString(length(DeviceId)), ':', DeviceId, toString(length(RemoteIP)), ':', RemoteIP, toString(length(RemoteUrl)), ':', RemoteUrl)), 1, 8))) AS FindingKey,
        toFloat64(BeaconRate) AS Value
    FROM findings
),
-- Who comes first where not all may be shown: the gravest finding of each device before the second of any, so that no device
-- takes the place of another.
turns AS
(
    SELECT
        *,
        row_number() OVER (PARTITION BY if(DeviceId = '', DeviceName, DeviceId) ORDER BY Value DESC, DeviceName, DeviceId, RemoteIP, RemoteUrl) AS DeviceTurn
    FROM numbers
),
-- Rank 1 is shown first. Findings is how many there are, shown or not.
ranked AS
(
    SELECT
        *,
        toInt64(count() OVER ()) AS Findings,
        toInt64(row_number() OVER (ORDER BY greatest(DeviceTurn, DestinationTurn), Value DESC, DeviceName, DeviceId, RemoteIP, RemoteUrl)) AS Rank
    FROM
    (
        -- the same for each destination, whose devices take turns
        SELECT
            *,
            row_number() OVER (PARTITION BY ifNull(nullIf(multiIf(RemoteUrl = '', '', match(lower(RemoteUrl), '^(?:[a-z]+://)?[a-z0-9_-]+(?:[.][a-z0-9_-]+)+(?::[0-9]+)?(?:[/?#]|$)'), domain(lower(RemoteUrl)), arrayMap(host -> if(match(host, '[:[]'), replaceRegexpOne(ifNull(toString(toIPv6OrNull(extract(toValidUTF8(host), '^[\\pZ\\pC"\']*\\[?((?:[0-9A-Fa-f:]*:)?(?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)[.](?:0|[1-9][0-9]*)|[0-9A-Fa-f:]+)(?:%[^]]*)?\\]?(?::[0-9]*)?[\\pZ\\pC"\']*$'))), ''), '^::ffff:([0-9]+[.])', '\\1'), host), arrayMap(host -> replaceRegexpOne(if(match(host, '[^ -~]'), replaceAll(lowerUTF8(normalizeUTF8NFKC(host)), '。', '.'), host), '[.]+$', ''), [extract(lower(replaceRegexpOne(replaceRegexpAll(replaceAll(replaceRegexpAll(toValidUTF8(RemoteUrl), '[\\p{Cc}\\p{Cf}]', ''), '\\', '/'), '^[\\pZ\\pC"\']+|[\\pZ\\pC"\']+$', ''), '(?i)^[(<{\\[]?(?:[-?*.]+|#?n/?a|n[.]a[.]|nan|nil|null|none|undefined|unknown|unset|empty|missing|not (?:available|applicable|set)|\\\\N)?[])>}]?$', '')), '^(?:(?:https?|wss?|ftp):/*|[a-z][a-z0-9+.-]*:///*|///*)?(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^/?#]*)?|[^/?#:@]*)(?::[^/?#]*)?(?:[/?#]|$)')]))[1]), ''), RemoteIP) ORDER BY DeviceTurn, Value DESC, DeviceName, DeviceId, RemoteIP, RemoteUrl) AS DestinationTurn
        FROM turns
    )
    ORDER BY Rank
    LIMIT {limit:Int64}
)
-- One row a finding that is shown, with the key that the same finding has in a table.
SELECT
    DeviceName,
    DeviceId,
    RemoteIP,
    RemoteUrl,
    FindingKey,
    Value,
    Findings,
    Rank
FROM ranked
ORDER BY Rank
