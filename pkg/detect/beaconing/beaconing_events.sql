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
    FROM {{.Options.Events}}
    WHERE toYYYYMMDD(Timestamp) BETWEEN {beaconing_firstDay:UInt32} AND {beaconing_lastDay:UInt32}
    GROUP BY GroupHash
    HAVING count() >= {beaconing_minConnections:Int64}
       -- An address that is written in several ways gives one group several hashes: where any is, the statement fails as below.
       AND (SELECT throwIf(count() > 0) FROM (SELECT RemoteIP FROM {{.Options.Events}} WHERE toYYYYMMDD(Timestamp) BETWEEN {beaconing_firstDay:UInt32} AND {beaconing_lastDay:UInt32}
           AND NOT isIPv4String(RemoteIP) AND isIPv4String({{.Options.Address}}) GROUP BY RemoteIP)) = 0
),
mapped AS
(
    {{.Source.Select 4 "Timestamp" "ActionType" "RemotePort" "Sent" "StoredHash"}}
),
-- Groups are known by the hash of their names. Groups that share a hash count together, so that only thresholds which more
-- events can never fail may stand here.
sums AS
(
    SELECT
        StoredHash AS GroupHash,
        toInt64(count()) AS ConnectionCount,
        {{.Options.BytesSent}} AS BytesSent,
        -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC
        dateDiff('hour', min(Timestamp), max(Timestamp), 'UTC') AS DurationHours
    FROM mapped
    -- `in` is case-sensitive, in KQL as here
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
{{- if .Options.HasRemotePort}}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
{{- end}}
      AND StoredHash GLOBAL IN (SELECT GroupHash FROM busy)
    GROUP BY StoredHash
    HAVING ConnectionCount >= {beaconing_minConnections:Int64}
       AND DurationHours > {beaconing_durationHoursOver:Int64}
),
names AS
(
    SELECT DeviceName, RemoteUrl, RemoteIP, DeviceId, GroupHash, 1 AS Named
    FROM {{.Options.Events}}
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
    SELECT DeviceId, DeviceName, {{.Options.Address}} AS RemoteAddress, {{.Options.Number}} AS RemoteIPv4Number, RemoteUrl, ConnectionCount, BytesSent, BeaconRate
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
{{- if .Allowlist}},
        [RemoteUrl] AS EveryUrl,
        [RemoteIP] AS EveryAddress,
        [(DeviceId, DeviceName)] AS EveryDevice,
        -- no entry that names a process is compared: beaconing.sql answers then
        emptyArrayString() AS EveryProcess
{{- end}}
    FROM named
    -- not(ipv4_is_private(RemoteIP)), which is the same for all of a group: what is no address is dropped
    WHERE {{.Options.Public}}
{{- if .Options.HasSentBytes}}
      AND {{.Options.Bytes}}
{{- end}}
      -- between: both ends are in
      AND BeaconRate >= {beaconing_minBeaconRate:Float64}
      AND BeaconRate <= {beaconing_maxBeaconRate:Float64}
)
