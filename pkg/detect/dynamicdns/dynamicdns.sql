-- SuspiciousDynamicDNS: successful connections to names under dynamic DNS providers.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one RemoteUrl as it is written (match: contains), or one host (match: suffix).
-- Parameters: dynamicDns_*, as declared in params.go, with dynamicDns_beacon_* the default thresholds of beaconing;
-- dynamicSuffixes and dynamicProviders the known domains; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" "ActionType" "RemoteIP" "RemoteUrl" .Options.BeaconColumns "InitiatingProcessFileName"}}
),
{{- if .Options.Suffix}}
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        RemoteIP,
        Host AS RemoteUrl,
{{- if .Options.Pairs}}
        ActionType,
{{- end}}
{{- range .Options.BeaconColumns}}
        {{.}},
{{- end}}
        InitiatingProcessFileName{{.Source.Carried}}
    FROM
    (
        SELECT
            *,
            -- Whatever lies under a domain contains it: this spares most rows the host. Many domains at once are found
            -- faster than even one host is cut out. Both know UTF-8 only: a text that is none has no host.
{{- if .Options.Own}}
            multiSearchAnyCaseInsensitive(RemoteUrl, { {{- .Options.Domains}}:Array(String)}) AS Named,
{{- else}}
            multiMatchAny(lower(RemoteUrl), arrayMap(domain -> replaceAll(domain, '.', '[.]'), { {{- .Options.Domains}}:Array(String)})) AS Named,
{{- end}}
            -- said again, since ClickHouse would cut the host out of every row before it looks at the condition
            if(Named, {{.Options.Host}}, '') AS Host
        FROM mapped
        WHERE ActionType IN {dynamicDns_actionTypes:Array(String)}
          AND Named
    )
    -- A name under a listed domain: at least one more label, so that the domain itself does not count.
    WHERE {{.Options.HostEnding}} != ''
),
{{- else}}
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        RemoteIP,
        RemoteUrl,
{{- if .Options.Pairs}}
        ActionType,
{{- end}}
{{- range .Options.BeaconColumns}}
        {{.}},
{{- end}}
        InitiatingProcessFileName{{.Source.Carried}}
    FROM mapped
    WHERE ActionType IN {dynamicDns_actionTypes:Array(String)}
      -- The analytic's regex is unanchored and folds case: the domain may stand anywhere. An empty RemoteUrl contains none.
      AND multiSearchAnyCaseInsensitive(RemoteUrl, {dynamicDns_domains:Array(String)})
),
{{- end}}
{{- if .Options.Pairs}}
-- The connections of one device to one address of a name, which is what beaconing looks at. Only few events have such a
-- name: to look at them again costs nothing beside finding them.
connections AS
(
    SELECT
        RemoteUrl,
        RemoteIP,
        DeviceId,
        DeviceName,
        {{.Source.Count}} AS PairConnections,
        {{.Source.First}} AS PairFirstSeen,
        {{.Source.Last}} AS PairLastSeen,
        groupUniqArray(InitiatingProcessFileName) AS Processes,
        {{.Source.CountIf "ForBeaconing"}} AS BeaconConnections,
        sumIf(ifNull(SentBytes, 0), ForBeaconing) AS BeaconBytes,
        dateDiff('hour', {{.Source.FirstIf "ForBeaconing"}}, {{.Source.LastIf "ForBeaconing"}}, 'UTC') AS BeaconHours,
        BeaconConnections / BeaconHours AS BeaconRate
    FROM
    (
        SELECT
            *,
            ActionType IN {dynamicDns_beacon_actionTypes:Array(String)}
{{- if .Options.HasRemotePort}}
      AND RemotePort IN {dynamicDns_beacon_ports:Array(Int64)}
{{- end}}
      AND {{.Options.Public}} AS ForBeaconing
        FROM events
    )
    GROUP BY RemoteUrl, RemoteIP, DeviceId, DeviceName
),
{{- end}}
findings AS
(
    SELECT
        LastSeen AS Timestamp, -- the analytic's now() would sort first for ever and never be the same twice
        'Multiple' AS DeviceName,
        SampleIPs[1] AS RemoteIP,
        RemoteUrl,
        'SuspiciousDynamicDNS' AS AlertType,
        ConnectionCount,
        toInt64(0) AS BytesSent,
        toInt64(0) AS BytesReceived,
        SampleProcesses,
        UniqueDevices,
        SampleDevices,
        SampleIPs,
        FirstSeen,
        LastSeen
{{- if .Allowlist}},
{{- if .Options.Suffix}}
        -- a host already, but the allowlist takes one trailing dot off each
        [concat(RemoteUrl, '.')] AS EveryUrl,
{{- else}}
        [RemoteUrl] AS EveryUrl,
{{- end}}
        EveryAddress,
        EveryDevice,
        EveryProcess
{{- end}}
{{- if .Options.Graded}},
        Beacons,
        {{.Options.Host}} AS Host,
        {{.Options.Known}} AS KnownSuffix,
{{- if .Options.Own}}
        -- a domain that only the query names is its own provider
        if(KnownSuffix != '', KnownSuffix, {{.Options.HostEnding}}) AS DynamicSuffix,
{{- else}}
        KnownSuffix AS DynamicSuffix,
{{- end}}
        transform(DynamicSuffix, {dynamicSuffixes:Array(String)}, {dynamicProviders:Array(String)}, DynamicSuffix) AS Provider,
        {{.Options.Tenant}} AS Tenant
{{- end}}
    FROM
    (
        SELECT
            RemoteUrl,
            toInt64(uniqExact(DeviceId)) AS UniqueDevices,
{{- if .Allowlist}}
            groupUniqArray(RemoteIP) AS EveryAddress,
            groupUniqArray((DeviceId, DeviceName)) AS EveryDevice,
            {{if .Options.Pairs}}groupUniqArrayArray(Processes){{else}}groupUniqArray(InitiatingProcessFileName){{end}} AS EveryProcess,
{{- end}}
            -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
            arraySlice(arraySort(groupUniqArrayIf(DeviceName, DeviceName != '')), 1, {dynamicDns_samples:Int64}) AS SampleDevices,
            arraySlice(arraySort(groupUniqArrayIf(RemoteIP, RemoteIP != '')), 1, {dynamicDns_samples:Int64}) AS SampleIPs,
{{- if .Options.Pairs}}
            toInt64(sum(PairConnections)) AS ConnectionCount,
            min(PairFirstSeen) AS FirstSeen,
            max(PairLastSeen) AS LastSeen,
            arraySlice(arraySort(arrayFilter(process -> process != '', groupUniqArrayArray(Processes))), 1, {dynamicDns_samples:Int64}) AS SampleProcesses,
            -- the default thresholds of beaconing; between: both ends are in
            countIf(BeaconConnections >= {dynamicDns_beacon_minConnections:Int64}
{{- if .Options.HasSentBytes}}
                AND BeaconBytes > {dynamicDns_beacon_bytesSentOver:Int64}
{{- end}}
                AND BeaconHours > {dynamicDns_beacon_durationHoursOver:Int64}
                AND BeaconRate >= {dynamicDns_beacon_minBeaconRate:Float64}
                AND BeaconRate <= {dynamicDns_beacon_maxBeaconRate:Float64}) > 0 AS Beacons
        FROM connections
{{- else}}
            toInt64({{.Source.Count}}) AS ConnectionCount,
            {{.Source.First}} AS FirstSeen,
            {{.Source.Last}} AS LastSeen,
            arraySlice(arraySort(groupUniqArrayIf(InitiatingProcessFileName, InitiatingProcessFileName != '')), 1, {dynamicDns_samples:Int64}) AS SampleProcesses
        FROM events
{{- end}}
        GROUP BY RemoteUrl
    )
    WHERE ConnectionCount >= {dynamicDns_minConnections:Int64}
{{- if .Options.OnlyBeacons}}
      AND Beacons
{{- end}}
)
