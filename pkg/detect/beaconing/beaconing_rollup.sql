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
    SELECT GroupHash, Connections, SentBytes, FirstSeen, LastSeen, DeviceId, DeviceName, RemoteIP, RemoteUrl
    FROM
    (
        {{.Select 8 "DeviceId" "DeviceName" "ActionType" "RemoteIP" $.Options.Address "RemoteUrl" "RemotePort" "SentBytes" "GroupHash"}}
    )
    -- as in rollup_rows.sql
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
      AND {{$.Options.Public}}
),
{{- end}}
-- The groups that may pass, by the hash of their names. Groups that share a hash count together, so that only thresholds
-- which more events can never fail may stand here.
sums AS
(
    SELECT
        GroupHash,
        sum(Connections) AS ConnectionCount,
        sum(SentBytes) AS BytesSent,
        min(FirstSeen) AS First,
        max(LastSeen) AS Last,
        -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC
        dateDiff('hour', First, Last, 'UTC') AS DurationHours
    FROM
    (
        {{.Source.Rows 8 "GroupHash" "Connections" "SentBytes" "FirstSeen" "LastSeen"}}
{{- if .Source.Ragged}}
        UNION ALL
        SELECT GroupHash, Connections, SentBytes, FirstSeen, LastSeen FROM ragged
{{- end}}
    )
    GROUP BY GroupHash
    HAVING ConnectionCount >= {beaconing_minConnections:Int64}
       AND DurationHours > {beaconing_durationHoursOver:Int64}
),
names AS
(
    SELECT GroupHash, DeviceId, DeviceName, RemoteIP, RemoteUrl
    FROM {{.Options.Names}}
    WHERE Week >= {beaconing_week:DateTime64(3, 'UTC')} AND Week < {beaconing_to:DateTime64(3, 'UTC')}
{{- if .Source.Ragged}}
    UNION ALL
    SELECT GroupHash, DeviceId, DeviceName, RemoteIP, RemoteUrl FROM ragged
{{- end}}
),
-- A hash decides nothing: its sums are a group's where it stands for one group alone, which comparing the names tells. Where
-- it has several, or none, the statement fails, and the roll-ups of every column are asked instead.
groups AS
(
    SELECT
        singleValueOrNull(names.DeviceId) AS OneDeviceId, -- NULL for several
        singleValueOrNull(names.DeviceName) AS OneDeviceName,
        singleValueOrNull(names.RemoteIP) AS OneRemoteIP, -- empty for none
        singleValueOrNull(names.RemoteUrl) AS OneRemoteUrl,
        any(sums.ConnectionCount) + throwIf(isNull(OneDeviceId) OR isNull(OneDeviceName) OR isNull(OneRemoteUrl) OR ifNull(OneRemoteIP, '') = '') AS ConnectionCount,
        any(sums.BytesSent) AS BytesSent,
        any(sums.DurationHours) AS DurationHours,
        ConnectionCount / DurationHours AS BeaconRate
    FROM names
    RIGHT JOIN sums ON names.GroupHash = sums.GroupHash
    GROUP BY sums.GroupHash
),
findings AS
(
    SELECT
        assumeNotNull(OneDeviceId) AS DeviceId,
        assumeNotNull(OneDeviceName) AS DeviceName,
        assumeNotNull(OneRemoteIP) AS RemoteIP,
        assumeNotNull(OneRemoteUrl) AS RemoteUrl,
        BeaconRate
{{- if .Allowlist}},
        [RemoteUrl] AS EveryUrl,
        [RemoteIP] AS EveryAddress,
        [(DeviceId, DeviceName)] AS EveryDevice,
        -- no entry that names a process is compared: beaconing.sql answers then
        emptyArrayString() AS EveryProcess
{{- end}}
    FROM groups
    -- first what holds for all of them, so that each one's names are counted
    WHERE ConnectionCount >= {beaconing_minConnections:Int64}
      AND BytesSent > {beaconing_bytesSentOver:Int64}
      -- between: both ends are in
      AND BeaconRate >= {beaconing_minBeaconRate:Float64}
      AND BeaconRate <= {beaconing_maxBeaconRate:Float64}
)
