-- PotentialFastFluxActivity by host: a name that has many addresses in many networks.
-- Rows in:  events of the window that pass the query's filters.
-- Row out:  one host whose fluxiness reaches the threshold.
-- Parameters: fastFlux_*, as declared in params.go; from, to and filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" "Device" "ActionType" "RemoteAddress" .Options.Address "RemoteUrl" "ProcessName"}}
),
hosts AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        Device,
        RemoteAddress AS RemoteIP,
        {{.Options.Host}} AS Host,
        ProcessName{{.Source.Carried}}
    FROM mapped
    WHERE ActionType IN {fastFlux_actionTypes:Array(String)}
      -- not(ipv4_is_private(RemoteIP)): what is no address is dropped
      AND {{.Options.Public}}
      -- `!in~` folds ASCII case, as lower() does; an empty name passes
      AND lower(ProcessName) NOT IN {fastFlux_excludeProcesses:Array(String)}
),
events AS
(
    SELECT
        Timestamp,
        DeviceId,
        DeviceName,
        Device,
        RemoteIP,
        Host AS RemoteUrl,
        ProcessName{{.Source.Carried}}
    FROM hosts
    WHERE position(Host, '.') > 0 OR position(Host, ':') > 0 -- what has no name, or one without a dot that means another host in each network
),
addresses AS
(
    SELECT
        RemoteUrl,
        RemoteIP,
        -- the network that the address counts for
        {{.Options.Network}} AS Network,
        {{.Source.Count}} AS Connections,
        {{.Source.First}} AS FirstTime,
        {{.Source.Last}} AS LastTime,
        -- UTC hours, numbered from the epoch. In milliseconds, since toStartOfHour is wrong before 1970 and after 2105.
        groupUniqArray(intDiv(toUnixTimestamp64Milli(toStartOfInterval(Timestamp, toIntervalMillisecond(3600000), 'UTC')), 3600000)) AS Hours,
        groupUniqArray((Device, DeviceId, DeviceName)) AS Devices,
        {{.Source.Newest "DeviceName"}} AS NewestName,
        groupUniqArrayIf(ProcessName, ProcessName != '') AS Processes
{{- if .Allowlist}},
        groupUniqArray(ProcessName) AS ProcessesOfAddress
{{- end}}
    FROM events
    GROUP BY RemoteUrl, RemoteIP
),
flux AS
(
    SELECT
        RemoteUrl,
        toInt64(count()) AS UniqueIPs,
        toInt64(uniqExact(Network)) AS UniqueNetworks,
        (UniqueNetworks / UniqueIPs) * (1.32 * UniqueIPs + 18.54 * UniqueNetworks) AS Fluxiness,
        toInt64(sum(Connections)) AS ConnectionCount,
        min(FirstTime) AS FirstSeen,
        max(LastTime) AS LastSeen,
        groupArray(Hours) AS HoursOfAddresses,
{{- if .Allowlist}}
        groupArray(RemoteIP) AS EveryAddress,
        groupUniqArrayArray(ProcessesOfAddress) AS EveryProcess,
{{- end}}
        groupUniqArrayArray(Devices) AS AllDevices,
        toInt64(length(arrayDistinct(arrayMap(device -> device.1, AllDevices)))) AS UniqueDevices,
        argMax(NewestName, (LastTime, NewestName)) AS NewestDevice,
        arraySort(groupUniqArrayArray(Processes)) AS AllProcesses,
        arraySlice(arraySort(groupArray(RemoteIP)), 1, {fastFlux_samples:Int64}) AS SampleIPs
    FROM addresses
    GROUP BY RemoteUrl
    HAVING Fluxiness >= {fastFlux_minFluxiness:Float64}
),
churn AS
(
    SELECT
        *,
        arraySort(arrayDistinct(arrayFlatten(HoursOfAddresses))) AS Hours,
        -- of each hour, how many addresses it has, and how many of them no earlier hour of the window has
        arrayMap(hour -> arrayCount(own -> has(own, hour), HoursOfAddresses), Hours) AS Addresses,
        arrayMap(hour -> arrayCount(own -> arrayMin(own) = hour, HoursOfAddresses), Hours) AS NewAddresses,
        arrayFilter((hour, new, all) -> new / all > {fastFlux_churnOver:Float64}, Hours, NewAddresses, Addresses) AS ChurningHours
    FROM flux
),
findings AS
(
    SELECT
        LastSeen AS Timestamp,
        if(UniqueDevices = 1, NewestDevice, 'Multiple') AS DeviceName,
        SampleIPs[1] AS RemoteIP,
        RemoteUrl,
        'PotentialFastFluxActivity' AS AlertType,
        ConnectionCount,
        CAST(0, 'Nullable(Int64)') AS BytesSent,
        CAST(0, 'Nullable(Int64)') AS BytesReceived,
        arraySlice(AllProcesses, 1, {fastFlux_samples:Int64}) AS SampleProcesses,
        UniqueIPs,
        UniqueNetworks,
        Fluxiness,
        arraySum(NewAddresses) / arraySum(Addresses) AS Churn,
        -- the longest run of hours that follow each other
        toInt64(arrayMax(run -> length(run), arraySplit((hour, gap) -> gap != 1, ChurningHours, arrayDifference(ChurningHours)))) AS ChurnHours,
        UniqueDevices,
        arraySlice(arraySort(arrayDistinct(arrayFilter(name -> name != '', arrayMap(device -> device.3, AllDevices)))), 1, {fastFlux_samples:Int64}) AS SampleDevices,
        SampleIPs,
        FirstSeen,
        LastSeen
{{- if .Options.Ranked}},
        arrayMap(device -> if(device.1 = '', device.2, device.1), AllDevices) AS Devices
{{- end}}
{{- if .Allowlist}},
        -- a host already, but the allowlist takes one trailing dot off each
        [concat(RemoteUrl, '.')] AS EveryUrl,
        EveryAddress,
        arrayMap(device -> (device.2, device.3), AllDevices) AS EveryDevice,
        EveryProcess
{{- end}}
    FROM churn
)
