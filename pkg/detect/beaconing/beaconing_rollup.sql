-- PotentialBeaconing as an alert rule asks it, from the beacon roll-ups.
-- Rows in:  what each group did in each whole day or hour of the window, under the hash of its names, and the events of the
--           rest of the window.
-- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold.
-- Parameters: beaconing_*, as declared in params.go, with the defaults for what chooses connections; week is the start of
-- the first week of names, to the window's end; the others belong to the source.
WITH
{{- with .Source.Ragged}}
-- What lies in no whole bucket of the window.
ragged AS
(
    SELECT
        GroupHash,
        Sent AS SentBytes,
        {{$.Options.Hour}} AS Hour,
        DeviceId,
        DeviceName,
        toIPv4(RemoteIPv4Number) AS IPv4,
        RemoteUrl
    FROM
    (
        {{.Select 8 "DeviceId" "DeviceName" "ActionType" "RemoteAddress" $.Options.Address "RemoteUrl" "RemotePort" "Sent" "GroupHash"}}
    )
    -- as in rollup_rows.sql
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
      AND {{$.Options.Public}}
),
{{- end}}
-- Groups are known by the hash of their names. Groups that share a hash count together, so that only thresholds which more
-- events can never fail may stand here.
rolled AS
(
    SELECT
        GroupHash,
        sum(t.Connections) AS Connections,
        sum(t.SentBytes) AS SentBytes,
        min(t.FirstHour) AS FirstHour,
        max(t.LastHour) AS LastHour
    FROM
    (
        {{.Source.BeaconRows 8 "GroupHash" "Connections" "SentBytes" "FirstHour" "LastHour"}}
    ) AS t
    GROUP BY GroupHash
    -- hours count from the epoch: LastHour - FirstHour is datetime_diff('hour', …), the hour boundaries crossed, in UTC
    HAVING (Connections >= {beaconing_minConnections:Int64} AND LastHour - FirstHour > {beaconing_durationHoursOver:Int64})
{{- if .Source.Ragged}}
        OR GroupHash IN (SELECT GroupHash FROM ragged)
{{- end}}
),
-- The groups that may pass.
sums AS
(
{{- if .Source.Ragged}}
    -- the ragged ends are grouped apart: ClickHouse would spread the rows of a UNION over twice as many hash tables
    SELECT
        GroupHash,
        sum(t.Connections) AS ConnectionCount,
        sum(t.SentBytes) AS BytesSent,
        max(t.LastHour) - min(t.FirstHour) AS DurationHours
    FROM
    (
        SELECT GroupHash, Connections, SentBytes, FirstHour, LastHour
        FROM rolled
        UNION ALL
        SELECT GroupHash, toInt64(count()), sum(SentBytes), min(Hour), max(Hour)
        FROM ragged
        GROUP BY GroupHash
    ) AS t
    GROUP BY GroupHash
    HAVING ConnectionCount >= {beaconing_minConnections:Int64}
       AND DurationHours > {beaconing_durationHoursOver:Int64}
{{- else}}
    SELECT GroupHash, Connections AS ConnectionCount, SentBytes AS BytesSent, LastHour - FirstHour AS DurationHours
    FROM rolled
{{- end}}
),
names AS
(
    SELECT GroupHash, DeviceId, DeviceName, RemoteIP AS IPv4, RemoteUrl, 1 AS Named
    FROM {{.Options.Names}}
    WHERE Week >= {beaconing_week:DateTime64(3, 'UTC')} AND Week < {beaconing_to:DateTime64(3, 'UTC')}
{{- if .Source.Ragged}}
    UNION ALL
    SELECT GroupHash, DeviceId, DeviceName, IPv4, RemoteUrl, 1 AS Named
    FROM ragged
{{- end}}
),
-- A hash decides nothing: its sums are a group's where it stands for one group alone, which comparing the names tells. Where
-- it has several, or none, the statement fails, and the roll-ups of every column are asked instead. (singleValueOrNull
-- says the same, but forgets it where its state goes to disk or to another server.)
groups AS
(
    SELECT
        -- part of every value, so that no condition on one of them, here or in an allowlist, can leave a group out unchecked
        throwIf(max(names.Named) = 0 OR min(names.DeviceId) != max(names.DeviceId) OR min(names.DeviceName) != max(names.DeviceName)
            OR min(names.RemoteUrl) != max(names.RemoteUrl) OR min(names.IPv4) != max(names.IPv4)) AS Undecided,
        if(Undecided = 0, min(names.DeviceId), '') AS DeviceId,
        if(Undecided = 0, min(names.DeviceName), '') AS DeviceName,
        if(Undecided = 0, toString(min(names.IPv4)), '') AS RemoteIP,
        if(Undecided = 0, min(names.RemoteUrl), '') AS RemoteUrl,
        any(sums.ConnectionCount) + Undecided AS ConnectionCount,
        any(sums.BytesSent) + Undecided AS BytesSent,
        any(sums.DurationHours) AS DurationHours,
        ConnectionCount / DurationHours AS BeaconRate
    FROM names
    RIGHT JOIN sums ON names.GroupHash = sums.GroupHash
    GROUP BY sums.GroupHash
),
findings AS
(
    SELECT
        DeviceId,
        DeviceName,
        RemoteIP,
        RemoteUrl,
        BeaconRate
{{- if .Allowlist}},
        [RemoteUrl] AS EveryUrl,
        [RemoteIP] AS EveryAddress,
        [(DeviceId, DeviceName)] AS EveryDevice,
        -- no entry that names a process is compared: beaconing.sql answers then
        emptyArrayString() AS EveryProcess
{{- end}}
    FROM groups
    WHERE {{.Options.Bytes}}
      -- between: both ends are in
      AND BeaconRate >= {beaconing_minBeaconRate:Float64}
      AND BeaconRate <= {beaconing_maxBeaconRate:Float64}
)
