-- SuspiciousDynamicDNS: successful connections to names under dynamic DNS providers.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one RemoteUrl as it is written (match: contains), or one host (match: suffix).
-- Parameters: dynamicDns_*, as declared in params.go, with dynamicDns_beacon_* those of beaconing at their defaults;
-- dynamicSuffixes, dynamicProviders and dynamicKinds the known domains, dynamicOwnHosts their providers' hosts; from, to and filter* belong
-- to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" .Options.Device "ActionType" "RemoteAddress" "RemoteUrl" .Options.BeaconColumns "ProcessName"}}
),
{{- if .Options.Suffix}}
found AS
(
    SELECT * EXCEPT (RemoteUrl, Named, UrlHost, Ending), {{if .Options.ByTenant}}{{.Options.HostTenant}}{{else}}UrlHost{{end}} AS RemoteUrl
    FROM
    (
        SELECT *, {{.Options.HostEnding}} AS Ending
        FROM
        (
            SELECT
                *,
                -- Whatever lies under a domain contains it, unless it is written in odd characters: this spares most rows the host.
                -- Many domains at once are found faster than even one host is cut out.
{{- if .Options.Own}}
                multiSearchAnyCaseInsensitive(RemoteUrl, { {{- .Options.Domains}}:Array(String)}) OR match(RemoteUrl, '[^ -~]') AS Named,
{{- else}}
                multiMatchAny(lower(RemoteUrl), arrayMap(domain -> replaceAll(domain, '.', '[.]'), { {{- .Options.Domains}}:Array(String)})) OR match(RemoteUrl, '[^ -~]') AS Named,
{{- end}}
                -- said again, since ClickHouse would cut the host out of every row before it looks at the condition
                if(Named, {{.Options.Host}}, '') AS UrlHost
            FROM mapped
            WHERE {{.Options.Actions}}
              AND Named
        )
    )
    -- A name under a listed domain: at least one more label, so that the domain itself does not count.
    WHERE Ending != ''
),
{{- else}}
found AS
(
{{- if .Options.ByTenant}}
    SELECT * EXCEPT (RemoteUrl, UrlHost, DynamicSuffix, Holder), Holder AS RemoteUrl
    FROM
    (
        -- who holds the name; a host that lies under no known domain, and a text without one, stand for themselves
        SELECT *, multiIf(DynamicSuffix != '', {{.Options.Tenant}}, UrlHost != '', UrlHost, RemoteUrl) AS Holder
        FROM
        (
            SELECT *, {{.Options.Known}} AS DynamicSuffix
            FROM
            (
                SELECT *, {{.Options.Host}} AS UrlHost
                FROM mapped
                WHERE {{.Options.Actions}}
                  AND multiSearchAnyCaseInsensitive(RemoteUrl, {dynamicDns_domains:Array(String)})
            )
        )
    )
{{- else}}
    SELECT *
    FROM mapped
    WHERE {{.Options.Actions}}
      -- The analytic's regex is unanchored and folds case: the domain may stand anywhere. An empty RemoteUrl contains none.
      AND multiSearchAnyCaseInsensitive(RemoteUrl, {dynamicDns_domains:Array(String)})
{{- end}}
),
{{- end}}
{{- if .Options.Pairs}}
-- Whether a device beacons to a name is beaconing's question, by host. Only few events have such a name: to look at them again
-- costs nothing beside finding them.
{{.Options.Hosts}},
-- The connections of one device to one name. What the analytic does not look at is here for beaconing's sake alone.
pairs AS
(
    SELECT
        RemoteUrl,
        any(UrlHost) AS HostOfUrl,
        Host,
        Device,
        {{.Source.CountIf "Counted"}} AS PairConnections,
        {{.Source.FirstIf "Counted"}} AS PairFirstSeen,
        {{.Source.LastIf "Counted"}} AS PairLastSeen,
        groupUniqArrayIf({{.Options.Key}}, Counted) AS Keys,
        groupUniqArrayIf((DeviceId, DeviceName), Counted) AS Devices,
        groupUniqArrayIf(RemoteAddress, Counted) AS Addresses,
        groupUniqArrayIf(ProcessName, Counted) AS Processes,
        {{.Source.CountIf "Looked"}} AS LookedConnections,
        {{.Source.CountIf "Looked AND ActionType = 'ConnectionAttempt'"}} AS LookedAttempts,
        sumIf(Sent, Looked) AS LookedBytes,
        {{.Source.FirstIf "Looked"}} AS LookedFirst,
        {{.Source.LastIf "Looked"}} AS LookedLast
    FROM
    (
        SELECT
            *,
            ActionType IN {dynamicDns_actionTypes:Array(String)} AS Counted,
            ifNull({{.Options.Looked}}, 0) AS Looked
        FROM judged
    )
    GROUP BY RemoteUrl, Host, Device
),
-- Of each pair, whether its device beacons to its host, over all names and addresses of the host.
judgedPairs AS
(
    SELECT *, {{.Options.Thresholds}} AS DeviceBeacons
    FROM
    (
        SELECT *, ConnectionCount / DurationHours AS BeaconRate
        FROM
        (
            SELECT
                *,
                -- as in beaconing.sql
                toInt64(if(Events > {dynamicDns_beacon_maxBeaconRate:Float64} * DurationHours AND Attempts > 0 AND Attempts < Events, greatest(Attempts, Events - Attempts), Events)) AS ConnectionCount
            FROM
            (
                SELECT
                    *,
                    toInt64(sum(LookedConnections) OVER device) AS Events,
                    toInt64(sum(LookedAttempts) OVER device) AS Attempts,
                    {{.Options.BytesSent}} AS BytesSent,
                    dateDiff('hour', minIf(LookedFirst, LookedConnections > 0) OVER device, maxIf(LookedLast, LookedConnections > 0) OVER device, 'UTC') AS DurationHours
                FROM pairs
                WINDOW device AS (PARTITION BY Host, Device)
            )
        )
    )
),
{{- end}}
events AS
(
    SELECT * EXCEPT (RemoteAddress), RemoteAddress AS RemoteIP
    FROM found
    WHERE ActionType IN {dynamicDns_actionTypes:Array(String)}
),
findings AS
(
    SELECT
        LastSeen AS Timestamp, -- the analytic's now() would sort first for ever and never be the same twice
        'Multiple' AS DeviceName,
        SampleIPs[1] AS RemoteIP,
        RemoteUrl,
        'SuspiciousDynamicDNS' AS AlertType,
        ConnectionCount,
        CAST(0, 'Nullable(Int64)') AS BytesSent,
        CAST(0, 'Nullable(Int64)') AS BytesReceived,
        SampleProcesses,
        UniqueDevices,
        SampleDevices,
        SampleIPs,
        FirstSeen,
        LastSeen
{{- if .Options.Ranked}},
        arrayDistinct(arrayMap(device -> if(device.1 = '', device.2, device.1), EveryDevice)) AS Devices
{{- end}}
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
        UrlHost AS Host,
        KnownSuffix,
        DynamicSuffix,
        transform(DynamicSuffix, {dynamicSuffixes:Array(String)}, {dynamicProviders:Array(String)}, DynamicSuffix) AS Provider,
        if(DynamicSuffix = '', '', transform(DynamicSuffix, {dynamicSuffixes:Array(String)}, {dynamicKinds:Array(String)}, 'dynamicDns')) AS ProviderKind,
        {{.Options.Tenant}} AS Tenant
{{- end}}
    FROM
{{- if .Options.Graded}}
    (
        -- A level for each, for the planner writes out an alias of its own level at each use.
{{- if .Options.Own}}
        -- A domain that only the query names is its own provider.
        SELECT *, if(KnownSuffix != '', KnownSuffix, {{.Options.HostEnding}}) AS DynamicSuffix
{{- else}}
        SELECT *, KnownSuffix AS DynamicSuffix
{{- end}}
        FROM (SELECT *, {{.Options.Known}} AS KnownSuffix FROM
{{- end}}
    (
        SELECT
            RemoteUrl,
{{- if .Options.Pairs}}
            toInt64(length(groupUniqArrayArray(Keys))) AS UniqueDevices,
            groupUniqArrayArray(Devices) AS EveryDevice,
            groupUniqArrayArray(Addresses) AS EveryAddress,
            groupUniqArrayArray(Processes) AS EveryProcess,
            toInt64(sum(PairConnections)) AS ConnectionCount,
            minIf(PairFirstSeen, PairConnections > 0) AS FirstSeen,
            maxIf(PairLastSeen, PairConnections > 0) AS LastSeen,
            max(HostBeacons) > 0 AS Beacons,
            any(HostOfUrl) AS UrlHost,
{{- else}}
            toInt64(uniqExact({{.Options.Key}})) AS UniqueDevices,
            groupUniqArray((DeviceId, DeviceName)) AS EveryDevice,
            groupUniqArray(RemoteIP) AS EveryAddress,
            groupUniqArray(ProcessName) AS EveryProcess,
            toInt64({{.Source.Count}}) AS ConnectionCount,
            {{.Source.First}} AS FirstSeen,
            {{.Source.Last}} AS LastSeen,
{{- end}}
            -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
            arraySlice(arraySort(arrayDistinct(arrayFilter(name -> name != '', arrayMap(device -> device.2, EveryDevice)))), 1, {dynamicDns_samples:Int64}) AS SampleDevices,
            arraySlice(arraySort(arrayFilter(address -> address != '', EveryAddress)), 1, {dynamicDns_samples:Int64}) AS SampleIPs,
            arraySlice(arraySort(arrayFilter(process -> process != '', EveryProcess)), 1, {dynamicDns_samples:Int64}) AS SampleProcesses
{{- if .Options.Pairs}}
        FROM (SELECT *, max(DeviceBeacons) OVER (PARTITION BY Host) AS HostBeacons FROM judgedPairs)
{{- else}}
        FROM events
{{- end}}
        GROUP BY RemoteUrl
    )
{{- if .Options.Graded}})
    )
{{- end}}
    WHERE ConnectionCount >= {dynamicDns_minConnections:Int64}
{{- if .Options.OnlyBeacons}}
      AND Beacons
{{- end}}
)
