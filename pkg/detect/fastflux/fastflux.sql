-- PotentialFastFluxActivity: a process that is no browser and reaches many addresses within one hour.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one DeviceId, DeviceName and UTC hour that passes both thresholds.
-- Parameters: fastFlux_*, as declared in params.go; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" "ActionType" "RemoteAddress" .Options.Address "RemoteUrl" "ProcessName"}}
),
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        -- an address as what it is compared by: a number takes less than its text, and the rule on addresses sees to it that
        -- each has one text only
        {{if .Options.IncludeIPv6}}RemoteAddress{{else}}RemoteIPv4Number{{end}} AS Address,
        RemoteUrl,
        ProcessName{{.Source.Carried}}
    FROM mapped
    WHERE ActionType IN {fastFlux_actionTypes:Array(String)}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND {{.Options.Public}}
      -- `!in~` folds ASCII case, as lower() does; an empty name passes
      AND lower(ProcessName) NOT IN {fastFlux_excludeProcesses:Array(String)}
),
findings AS
(
    SELECT
        Hour AS Timestamp,
        DeviceName,
        '' AS RemoteIP,
        DomainList[1] AS RemoteUrl,
        'PotentialFastFluxActivity' AS AlertType,
        ConnectionCount,
        CAST(0, 'Nullable(Int64)') AS BytesSent,
        CAST(0, 'Nullable(Int64)') AS BytesReceived,
        SampleProcesses,
        DeviceId,
        UniqueIPs,
        UniqueDomains,
        DomainList
{{- if .Allowlist}},
        EveryUrl,
        EveryAddress,
        [(DeviceId, DeviceName)] AS EveryDevice,
        EveryProcess
{{- end}}
    FROM
    (
        SELECT
            DeviceId,
            DeviceName,
            -- bin(Timestamp, 1h): hours are UTC. In milliseconds, since toStartOfHour is wrong before 1970 and after 2105.
            toStartOfInterval(Timestamp, toIntervalMillisecond(3600000), 'UTC') AS Hour,
            toInt64({{.Source.Count}}) AS ConnectionCount,
            -- over all the domains of the device and hour
            toInt64(uniqExact(Address)) AS UniqueIPs,
            -- gathered once, for their number and the list
            groupUniqArrayIf(RemoteUrl, RemoteUrl != '') AS Domains,
            toInt64(length(Domains)) AS UniqueDomains,
            -- make_set is unordered in KQL; here the first of the sorted distinct values, empty ones left out
            arraySlice(arraySort(Domains), 1, {fastFlux_domainSamples:Int64}) AS DomainList,
            arraySlice(arraySort(groupUniqArrayIf(ProcessName, ProcessName != '')), 1, {fastFlux_samples:Int64}) AS SampleProcesses
{{- if .Allowlist}},
            groupUniqArray(RemoteUrl) AS EveryUrl,
            {{if .Options.IncludeIPv6}}groupUniqArray(Address){{else}}arrayMap(number -> IPv4NumToString(number), groupUniqArray(Address)){{end}} AS EveryAddress,
            groupUniqArray(ProcessName) AS EveryProcess
{{- end}}
        FROM events
        GROUP BY DeviceId, DeviceName, Hour
    )
    WHERE UniqueIPs >= {fastFlux_minUniqueIPs:Int64}
      AND ConnectionCount >= {fastFlux_minConnections:Int64}
)
