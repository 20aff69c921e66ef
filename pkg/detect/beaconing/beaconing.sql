-- PotentialBeaconing: one device that keeps connecting to one public address at a steady rate.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold; by host, one DeviceId,
--           DeviceName and host.
-- Parameters: beaconing_*, as declared in params.go; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" "ActionType" "RemoteIP" .Options.Address "RemoteUrl" "RemotePort" "SentBytes" "ReceivedBytes" "InitiatingProcessFileName" .Options.GroupHash}}
),
{{- if .Options.GroupHash}}
-- The groups that may pass, by a hash of their names. Groups that share a hash count together, so that only thresholds
-- which more events can never fail may stand here; which group passes, the names decide below.
candidates AS
(
    SELECT GroupHash
    FROM mapped
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
{{- if .Options.HasRemotePort}}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
{{- end}}
    GROUP BY GroupHash
    HAVING {{.Source.Count}} >= {beaconing_minConnections:Int64}
       AND dateDiff('hour', {{.Source.First}}, {{.Source.Last}}, 'UTC') > {beaconing_durationHoursOver:Int64}
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
        {{if .Options.Hosts}}Address AS RemoteIP{{else if .Options.IncludeIPv6}}RemoteIPCanonical AS RemoteIP{{else}}RemoteIP{{end}},
        RemoteUrl, -- an empty one is a value of its own
        RemotePort,
        SentBytes,
        ReceivedBytes,
        InitiatingProcessFileName{{.Source.Carried}}
    FROM {{if .Options.Hosts}}named{{else}}mapped{{end}}
    -- `in` is case-sensitive, in KQL as here
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
{{- if .Options.HasRemotePort}}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
{{- end}}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND {{if .Options.Hosts}}(IsName OR {{.Options.Public}}){{else}}{{.Options.Public}}{{end}}
{{- if .Options.GroupHash}}
      AND GroupHash IN (SELECT GroupHash FROM candidates)
{{- end}}
),
{{- if .Options.MaxDevices}}
-- What few devices connect to: malware has few victims here, an update service has all.
uncommon AS
(
    SELECT {{if not .Options.Hosts}}RemoteIP, {{end}}RemoteUrl
    FROM events
    GROUP BY {{if not .Options.Hosts}}RemoteIP, {{end}}RemoteUrl
    HAVING uniqExact(DeviceId) <= {beaconing_maxDevices:Int64}
),
{{- end}}
groups AS
(
    SELECT
        DeviceId,
        DeviceName,
{{- if .Options.Hosts}}
        minIf(events.RemoteIP, events.RemoteIP != '') AS RemoteIP, -- the first of several
{{- else}}
        RemoteIP,
{{- end}}
        RemoteUrl,
        toInt64({{.Source.Count}}) AS ConnectionCount,
        toInt64(uniqExact(RemotePort)) AS UniqueRemotePorts,
        -- null bytes count as 0
        toInt64(sum(ifNull(events.SentBytes, 0))) AS BytesSent,
        toInt64(sum(ifNull(events.ReceivedBytes, 0))) AS BytesReceived,
        {{.Source.First}} AS FirstSeen,
        {{.Source.Last}} AS LastSeen,
        -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC; so does dateDiff, and age() does not
        dateDiff('hour', FirstSeen, LastSeen, 'UTC') AS DurationHours,
        ConnectionCount / DurationHours AS BeaconRate,
{{- if .Allowlist}}
        {{if .Options.Hosts}}groupUniqArray(events.RemoteIP){{else}}[RemoteIP]{{end}} AS EveryAddress,
        groupUniqArray(InitiatingProcessFileName) AS EveryProcess,
{{- end}}
{{- if .Options.Score}}
        {{.Source.Seconds}} AS Seconds,
        {{.Source.Sizes}} AS Sizes,
{{- end}}
        arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, {beaconing_samples:Int64}) AS SampleProcesses
    FROM events
    GROUP BY DeviceId, DeviceName{{if not .Options.Hosts}}, RemoteIP{{end}}, RemoteUrl
    HAVING ConnectionCount >= {beaconing_minConnections:Int64}
{{- if .Options.HasSentBytes}}
       AND BytesSent > {beaconing_bytesSentOver:Int64}
{{- end}}
       AND DurationHours > {beaconing_durationHoursOver:Int64}
       -- between: both ends are in
       AND BeaconRate >= {beaconing_minBeaconRate:Float64}
       AND BeaconRate <= {beaconing_maxBeaconRate:Float64}
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
        UniqueRemotePorts
{{- if .Allowlist}},
{{- if .Options.Hosts}}
        -- a host already, but the allowlist takes one trailing dot off each
        [concat(RemoteUrl, '.')] AS EveryUrl,
{{- else}}
        [RemoteUrl] AS EveryUrl,
{{- end}}
        EveryAddress,
        [(DeviceId, DeviceName)] AS EveryDevice,
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
