-- PotentialBeaconing: one device that keeps connecting to one public address at a steady rate.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold; by host, one device and host.
-- Parameters: beaconing_*, as declared in params.go; from, to and filter* belong to the source.
WITH
{{- $key := .Source.InHours .Options.Keyed}}
{{- $repeated := and .Options.Score (not .Options.Hosts) (not $key)}}
-- The events table under the analytic's column names.
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" .Options.Device "ActionType" "RemoteAddress" .Options.Address "RemoteUrl" "RemotePort" "Sent" "Received" "ProcessName" $key}}
),
{{- if $key}}
-- The groups that pass, told by numbers alone: hours keep a key of their names, of 128 bits. Names are read of these groups only.
passing AS
(
    SELECT
        GroupKey,
        toInt64({{.Source.Count}}) AS ConnectionCount,
        {{.Options.BytesSent}} AS BytesSent,
        dateDiff('hour', {{.Source.First}}, {{.Source.Last}}, 'UTC') AS DurationHours,
        ConnectionCount / DurationHours AS BeaconRate
    FROM mapped
    -- whether the address is public is asked below of those that pass
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
{{- if .Options.HasRemotePort}}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
{{- end}}
    GROUP BY GroupKey
    HAVING {{.Options.Thresholds}}
),
{{- end}}
{{- if .Options.Hosts}}
{{.Options.Hosts}},
{{- end}}
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
{{- range .Options.Device}}
        {{.}},
{{- end}}
        ActionType,
        RemoteAddress AS RemoteIP,
{{- if .Options.Hosts}}
        Host AS RemoteUrl,
{{- else}}
        RemoteUrl, -- as it is written; an empty one is a value of its own
{{- end}}
        RemotePort,
        Sent,
        Received,
        ProcessName{{.Source.Carried}}
    FROM {{if .Options.Hosts}}judged{{else}}mapped{{end}}
    WHERE {{.Options.Looked}}
{{- if $key}}
      AND GroupKey IN (SELECT GroupKey FROM passing)
{{- end}}
),
{{- if .Options.MaxDevices}}
-- What few devices connect to: malware has few victims here, an update service has all.
uncommon AS
(
    SELECT {{if not .Options.Hosts}}RemoteIP, {{end}}RemoteUrl
    FROM events
    GROUP BY {{if not .Options.Hosts}}RemoteIP, {{end}}RemoteUrl
    HAVING uniqExact(Device) <= {beaconing_maxDevices:Int64}
),
{{- end}}
{{- if $repeated}}
-- What connects often enough, by a hash of its names: times, sizes and processes are gathered of these only. Groups that share a
-- hash count together, so that only a threshold which more connections never fail may stand here; who passes, the names decide.
repeated AS
(
    SELECT cityHash64(DeviceId, DeviceName, RemoteAddress, RemoteUrl) AS NamesHash
    FROM mapped
    -- whether the address is public is asked of those that are gathered
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
{{- if .Options.HasRemotePort}}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
{{- end}}
    GROUP BY NamesHash
    HAVING count() >= {beaconing_minConnections:Int64}
),
{{- end}}
groups AS
(
    SELECT
{{- if .Options.Hosts}}
        Device,
        min(events.DeviceId) AS DeviceId, -- one of the spellings, and always the same one
        {{.Source.Newest "DeviceName"}} AS DeviceName,
        minIf(events.RemoteIP, events.RemoteIP != '') AS RemoteIP, -- the first of several
{{- else}}
        DeviceId,
        DeviceName,
        RemoteIP,
{{- end}}
        RemoteUrl,
{{- if .Options.Hosts}}
        -- Some sensors write an attempt and a success of each connection. Where both together are too many for a beacon, each
        -- connection counts once: there cannot be fewer of them than there are events of one kind.
        toInt64({{.Source.CountIf "ActionType = 'ConnectionAttempt'"}}) AS Attempts,
        toInt64({{.Source.Count}}) AS Events,
        toInt64(if(Events > {beaconing_maxBeaconRate:Float64} * DurationHours AND Attempts > 0 AND Attempts < Events, greatest(Attempts, Events - Attempts), Events)) AS ConnectionCount,
{{- else}}
        toInt64({{.Source.Count}}) AS ConnectionCount,
{{- end}}
        toInt64(uniqExact(RemotePort)) AS UniqueRemotePorts,
        {{.Options.BytesSent}} AS BytesSent,
        {{.Options.BytesReceived}} AS BytesReceived,
        {{.Source.First}} AS FirstSeen,
        {{.Source.Last}} AS LastSeen,
        -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC; so does dateDiff, and age() does not
        dateDiff('hour', FirstSeen, LastSeen, 'UTC') AS DurationHours,
        ConnectionCount / DurationHours AS BeaconRate,
{{- if .Allowlist}}
        {{if .Options.Hosts}}groupUniqArray(events.RemoteIP){{else}}[RemoteIP]{{end}} AS EveryAddress,
        {{if .Options.Hosts}}groupUniqArray((events.DeviceId, events.DeviceName)){{else}}[(DeviceId, DeviceName)]{{end}} AS EveryDevice,
        groupUniqArray(ProcessName) AS EveryProcess,
{{- end}}
{{- if .Options.Score}}
        {{.Source.Seconds}} AS Seconds,
        {{.Source.Sizes}} AS Sizes,
{{- end}}
        arraySlice(arraySort(groupUniqArrayIf(ProcessName, ProcessName != '')), 1, {beaconing_samples:Int64}) AS SampleProcesses
    FROM events
{{- if $repeated}}
    WHERE cityHash64(DeviceId, DeviceName, RemoteIP, RemoteUrl) IN (SELECT NamesHash FROM repeated)
{{- end}}
    GROUP BY {{if .Options.Hosts}}Device{{else}}DeviceId, DeviceName, RemoteIP{{end}}, RemoteUrl
    HAVING {{.Options.Thresholds}}
{{- if .Options.MaxDevices}}
       AND {{if .Options.Hosts}}RemoteUrl{{else}}(RemoteIP, RemoteUrl){{end}} IN (SELECT * FROM uncommon)
{{- end}}
),
{{- if .Options.Score}}
{{.Options.Score}},
{{- end}}
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
        CAST(isNotNull(BytesSent), 'Bool') AS BytesKnown
{{- if .Options.Hosts}},
        Device
{{- end}}
{{- if .Allowlist}},
{{- if .Options.Hosts}}
        -- a host already, but the allowlist takes one trailing dot off each
        [concat(RemoteUrl, '.')] AS EveryUrl,
{{- else}}
        [RemoteUrl] AS EveryUrl,
{{- end}}
        EveryAddress,
        EveryDevice,
        EveryProcess
{{- end}}
{{- if .Options.Score}},
        Score,
        IntervalScore,
        SizeScore,
        HistogramScore,
        DurationScore,
        MedianInterval,
        Jitter,
        Sparkline
    FROM scored
    WHERE Score >= {beaconing_minScore:Float64}
{{- else}}
    FROM groups
{{- end}}
)
{{- if .Options.Points}},
-- The connections of each finding, under the name that the finding gives its device.
points AS
(
    SELECT
        events.Timestamp AS Timestamp,
        findings.DeviceName AS DeviceName,
        findings.DeviceId AS DeviceId,
        RemoteUrl{{.Source.Carried}}
    FROM events
    INNER JOIN findings USING (Device, RemoteUrl)
)
{{- end}}
