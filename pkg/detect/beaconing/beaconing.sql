-- PotentialBeaconing: one device that keeps connecting to one public address at a steady rate.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName, RemoteIP and RemoteUrl that passes every threshold.
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
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        {{if .Options.IncludeIPv6}}RemoteIPCanonical AS {{end}}RemoteIP,
        RemoteUrl, -- an empty one is a value of its own
        RemotePort,
        SentBytes,
        ReceivedBytes,
        InitiatingProcessFileName{{.Source.Carried}}
    FROM mapped
    -- `in` is case-sensitive, in KQL as here
    WHERE ActionType IN {beaconing_actionTypes:Array(String)}
{{- if .Options.HasRemotePort}}
      AND RemotePort IN {beaconing_ports:Array(Int64)}
{{- end}}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND {{.Options.Public}}
{{- if .Options.GroupHash}}
      AND GroupHash IN (SELECT GroupHash FROM candidates)
{{- end}}
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
            toInt64({{.Source.Count}}) AS ConnectionCount,
            toInt64(uniqExact(RemotePort)) AS UniqueRemotePorts,
            -- null bytes count as 0
            toInt64(sum(ifNull(SentBytes, 0))) AS BytesSent,
            toInt64(sum(ifNull(ReceivedBytes, 0))) AS BytesReceived,
            {{.Source.First}} AS FirstSeen,
            {{.Source.Last}} AS LastSeen,
            -- datetime_diff('hour', …) counts the hour boundaries crossed, in UTC; so does dateDiff, and age() does not
            dateDiff('hour', FirstSeen, LastSeen, 'UTC') AS DurationHours,
            arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, {beaconing_samples:Int64}) AS SampleProcesses
        FROM events
        GROUP BY DeviceId, DeviceName, RemoteIP, RemoteUrl
    )
    WHERE ConnectionCount >= {beaconing_minConnections:Int64}
{{- if .Options.HasSentBytes}}
      AND BytesSent > {beaconing_bytesSentOver:Int64}
{{- end}}
      AND DurationHours > {beaconing_durationHoursOver:Int64}
      -- between: both ends are in
      AND BeaconRate >= {beaconing_minBeaconRate:Float64}
      AND BeaconRate <= {beaconing_maxBeaconRate:Float64}
)
