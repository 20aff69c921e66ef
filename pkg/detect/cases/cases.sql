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
    {{.Source.Select 4 "Timestamp" "DeviceId" "DeviceName" "ActionType" "RemoteIP" "RemoteUrl" "RemotePort" "Protocol" "Sent" "Received" "InitiatingProcessFileName" "InitiatingProcessFolderPath" "OpenMs" "LongestMs" "NameSource" "Matches"}}
),
-- One row a device, address, name and way to connect, each as it is written: what a text means, be it a device, an address, a host or a
-- program, is asked of these, which are far fewer than the events. What names a device is a key, though it seldom has two names: to keep
-- the newest of them in each group is dear.
gathered AS
(
    SELECT
        mapped.DeviceId AS OwnDeviceId,
        mapped.DeviceName AS OwnDeviceName,
        RemoteIP,
        RemoteUrl,
        RemotePort,
        Protocol,
        InitiatingProcessFileName,
        {{.Source.First}} AS FirstTime,
        {{.Source.Last}} AS LastTime,
        {{.Source.Offsets}} AS OwnOffsets,
        max(match(InitiatingProcessFolderPath, {cases_userFolders:String})) AS OwnUserFolders,
        sum(mapped.Sent) AS OwnSent,
        sum(mapped.Received) AS OwnReceived,
        sum(OpenMs) AS OwnOpen,
        max(LongestMs) AS OwnLongest,
        {{.Source.CountIf "NameSource = 'unknown'"}} AS OwnUnasked,
        max(Matches) AS OwnMatches
    FROM mapped
    WHERE ActionType IN {cases_actionTypes:Array(String)}
    GROUP BY mapped.DeviceId, mapped.DeviceName, RemoteIP, RemoteUrl, RemotePort, Protocol, InitiatingProcessFileName
),
-- The same with what the texts mean. What evidence asks of the port and the program is asked of these rows too, and no list of them has to
-- be kept in each.
written AS
(
    SELECT
        *,
        {{.Options.Device}} AS Device,
        {{.Options.Address}} AS RemoteAddress,
        ifNull(toInt64(RemotePort), 0) AS Port,
        lower(Protocol) AS Transport,
        {{.Options.Process}} AS Process,
        lower(Process) AS Program
    FROM
    (
        -- of a dictionary what is done to its texts is done once for each
        SELECT
            *,
            CAST(OwnDeviceId, 'LowCardinality(String)') AS IdText,
            CAST(OwnDeviceName, 'LowCardinality(String)') AS NameText,
            CAST(InitiatingProcessFileName, 'LowCardinality(String)') AS FileText
        FROM gathered
    )
),
{{.Options.Hosts}},
-- One row a device and host: a channel over several ports, names and addresses of one host is one.
channels AS
(
    SELECT
        Device,
        Host,
        NOT (position(Host, ':') > 0 OR IPv4NumToString(IPv4StringToNumOrDefault(Host)) = Host) AS Named,
        min(OwnDeviceId) AS DeviceId, -- one of the spellings, and always the same one
        -- the newest; of several at once the last in order. A time in milliseconds is twelve digits in base 16 from 1900 to 2262, of which this
        -- makes a number above 0; argMax by a tuple takes longer
        substring(max(concat(hex(toUInt64(toUnixTimestamp64Milli(LastTime) + 4000000000000)), OwnDeviceName)), 13) AS DeviceName,
        min(FirstTime) AS FirstSeen,
        max(LastTime) AS LastSeen,
        groupArrayArray(OwnOffsets) AS Offsets,
        -- lists, for a set of texts takes half a kilobyte however little is in it
        groupArray(RemoteAddress) AS Reached,
        groupArray((Port, Transport, Process)) AS Used,
        min(Port > 0 AND Port NOT IN {cases_usualPorts:Array(Int64)}) AS OnOddPorts,
        min(Port = 123 AND Transport = 'udp') AS OnTimePorts,
        max(Program IN {cases_scriptHosts:Array(String)}) AS ByScripts,
        max(Program != '') AND min(Program = '' OR Program IN {cases_browsers:Array(String)}) AS ByBrowsers,
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
        toInt64(length(Offsets)) AS ConnectionCount,
        toInt64(count() OVER (PARTITION BY Host)) AS UniqueDevices,
        toInt64(uniqExact(Device) OVER ()) AS Fleet,
        avg(Named) OVER (PARTITION BY Device) AS NamedShare,
        sum(Unasked) OVER (PARTITION BY Device) AS UnaskedOfDevice,
        min(FirstSeen) OVER (PARTITION BY Host) AS FirstOfHost,
        min(FirstSeen) OVER (PARTITION BY Device) AS FirstOfDevice
    FROM channels
),
-- Only what may reach a risk at all is looked at closely, and has its lists put in order.
candidates AS
(
    SELECT
        *,
        {{.Source.FromOffsets "arraySort(Offsets)"}} AS Seconds,
        arraySort(arrayDistinct(Reached)) AS Addresses,
        arrayDistinct(Used) AS Uses
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
