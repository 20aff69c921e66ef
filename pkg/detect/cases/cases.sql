-- HighRiskCase: what one device does at one destination, and how much of it speaks for a command-and-control channel.
-- Rows in:  events of the window: outbound connections on any port, by any protocol.
-- Row out:  one device and host (a name, or the address where no name is known) whose Risk reaches minRisk, with an event that passes
--           the query's filters.
-- Parameters: cases_*, as declared in params.go and evidence.go; dynamicSuffixes the known domains of dynamic DNS; from, to and
-- filter* belong to the source.
WITH
-- The events table under the analytic's column names.
mapped AS
(
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" "Device" "ActionType" "RemoteAddress" "RemoteUrl" "RemotePort" "Protocol" "Sent" "Received" "ProcessName" "InitiatingProcessFolderPath" "OpenMs" "LongestMs" "NameSource" "Matches"}}
),
-- One row a device, address, name as written, and way to connect: hosts are cut out of these, which are far fewer than the events.
-- What evidence asks of the port and the program is asked of these too, and no list of them has to be kept in each.
written AS
(
    SELECT
        Device,
        RemoteAddress,
        RemoteUrl,
        Port,
        Transport,
        mapped.ProcessName AS Process,
        lower(Process) AS Program,
        min(mapped.DeviceId) AS OneDeviceId, -- one of the spellings, and always the same one
        {{.Source.NewestOf "mapped" "DeviceName"}} AS NewestName,
        {{.Source.First}} AS FirstTime,
        {{.Source.Last}} AS LastTime,
        {{.Source.Seconds}} AS OwnSeconds,
        max(match(InitiatingProcessFolderPath, {cases_userFolders:String})) AS OwnUserFolders,
        sum(mapped.Sent) AS OwnSent,
        sum(mapped.Received) AS OwnReceived,
        sum(OpenMs) AS OwnOpen,
        max(LongestMs) AS OwnLongest,
        {{.Source.CountIf "NameSource = 'unknown'"}} AS OwnUnasked,
        max(Matches) AS OwnMatches
    FROM
    (
        SELECT *, ifNull(toInt64(RemotePort), 0) AS Port, lower(Protocol) AS Transport
        FROM mapped
        WHERE ActionType IN {cases_actionTypes:Array(String)}
    ) AS mapped
    GROUP BY Device, RemoteAddress, RemoteUrl, Port, Transport, Process
),
{{.Options.Hosts}},
-- One row a device and host: a channel over several ports, names and addresses of one host is one.
channels AS
(
    SELECT
        Device,
        Host,
        NOT (position(Host, ':') > 0 OR IPv4NumToString(IPv4StringToNumOrDefault(Host)) = Host) AS Named,
        min(OneDeviceId) AS DeviceId,
        argMax(NewestName, LastTime) AS DeviceName,
        min(FirstTime) AS FirstSeen,
        max(LastTime) AS LastSeen,
        arraySort(groupArrayArray(OwnSeconds)) AS Seconds,
        -- lists, for a set of texts takes half a kilobyte however little is in it
        arraySort(arrayDistinct(groupArray(RemoteAddress))) AS Addresses,
        arrayDistinct(groupArray((Port, Transport, Process))) AS Uses,
        min(Port > 0 AND NOT has({cases_usualPorts:Array(Int64)}, Port)) AS OnOddPorts,
        min(Port = 123 AND Transport = 'udp') AS OnTimePorts,
        max(has({cases_scriptHosts:Array(String)}, Program)) AS ByScripts,
        max(Program != '') AND min(Program = '' OR has({cases_browsers:Array(String)}, Program)) AS ByBrowsers,
        max(OwnUserFolders) AS FromUserFolders,
        {{.Options.BytesSent}} AS BytesSent,
        {{.Options.BytesReceived}} AS BytesReceived,
        sum(OwnOpen) / 1000 AS OpenTime,
        max(OwnLongest) / 1000 AS LongestConnection,
        sum(OwnUnasked) AS Unasked,
        max(OwnMatches) AS Matched
    FROM judged
    -- a name of the internet, or a public address
    WHERE IsName OR {{.Options.Public}}
    GROUP BY Device, Host
),
-- What can only be told from the others: how many devices go there, and whether names are known of what this device does.
compared AS
(
    SELECT
        *,
        toInt64(length(Seconds)) AS ConnectionCount,
        toInt64(count() OVER (PARTITION BY Host)) AS UniqueDevices,
        toInt64(uniqExact(Device) OVER ()) AS Fleet,
        avg(Named) OVER (PARTITION BY Device) AS NamedShare,
        sum(Unasked) OVER (PARTITION BY Device) AS UnaskedOfDevice,
        min(FirstSeen) OVER (PARTITION BY Host) AS FirstOfHost,
        min(FirstSeen) OVER (PARTITION BY Device) AS FirstOfDevice
    FROM channels
),
-- Only what may reach a risk at all is looked at closely.
candidates AS
(
    SELECT *
    FROM compared
    WHERE Matched -- what others do tells of a case whatever is asked for
        AND (ConnectionCount >= {cases_minConnections:Int64} OR LongestConnection >= {cases_longSeconds:Int64})
        AND ({cases_maxConnections:Int64} = 0 OR ConnectionCount <= {cases_maxConnections:Int64})
),
{{.Options.Shape}},
{{.Options.Evidence}},
findings AS
(
    SELECT
        LastSeen AS Timestamp,
        DeviceName,
        Addresses[1] AS RemoteIP, -- the first of several
        Host AS RemoteUrl,
        'HighRiskCase' AS AlertType,
        ConnectionCount,
        BytesSent,
        BytesReceived,
        arraySlice(Processes, 1, {cases_samples:Int64}) AS SampleProcesses,
        DeviceId,
        Device,
        Risk,
        arrayMap(reason -> reason.2, Reasons) AS Why,
        toInt64(round(Regularity * 100)) AS Regularity,
        MedianInterval,
        toInt64(ActiveBins) AS ActiveBins,
        OpenTime,
        LongestConnection,
        UniqueDevices,
        DevicesEver,
        least(1, DevicesEver / FleetEver) AS Prevalence,
        arraySlice(arraySort(arrayMap(port -> concat(if(port.2 = '', '', concat(port.2, '/')), toString(port.1)), Ports)), 1, {cases_samples:Int64}) AS SamplePorts,
        arraySlice(Addresses, 1, {cases_samples:Int64}) AS SampleIPs,
        FirstSeen,
        LastSeen,
        FirstSeenEver,
        KnownSince,
        Bins AS Sparkline
{{- if .Allowlist}},
        -- a host already, but the allowlist takes one trailing dot off each
        [concat(Host, '.')] AS EveryUrl,
        Addresses AS EveryAddress,
        [(DeviceId, DeviceName)] AS EveryDevice,
        Processes AS EveryProcess
{{- end}}
    FROM judgement
)
