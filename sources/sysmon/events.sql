-- Sysmon's connections (event 3) of some hours, as network events: one row is one connection. Parameters: the hours [from, to).
WITH
    fields AS
    (
        SELECT
            EventTime AS At, ImportFile, ImportChunk, ImportLine,
            multiIf(winlog != '', JSONExtractRaw(winlog, 'event_data'), Event != '', JSONExtractRaw(Event, 'EventData'), EventData != '', EventData, event_data) AS Data,
            if(Data != '',
                JSONExtract(Data, 'Tuple(ProcessGuid String, ProcessId String, Image String, User String, Protocol String, Initiated String, SourceIp String, SourcePort String, DestinationIp String, DestinationPort String, DestinationHostname String, QueryName String, QueryResults String)'),
                ({{either "ProcessGuid" "`winlog.event_data.ProcessGuid`"}}, {{either "ProcessId" "`winlog.event_data.ProcessId`"}},
                    {{either "Image" "`winlog.event_data.Image`"}}, {{either "User" "`winlog.event_data.User`"}},
                    {{either "Protocol" "`winlog.event_data.Protocol`"}}, {{either "Initiated" "`winlog.event_data.Initiated`"}},
                    {{either "SourceIp" "`winlog.event_data.SourceIp`"}}, {{either "SourcePort" "`winlog.event_data.SourcePort`"}},
                    {{either "DestinationIp" "`winlog.event_data.DestinationIp`"}}, {{either "DestinationPort" "`winlog.event_data.DestinationPort`"}},
                    {{either "DestinationHostname" "`winlog.event_data.DestinationHostname`"}}, {{either "QueryName" "`winlog.event_data.QueryName`"}},
                    {{either "QueryResults" "`winlog.event_data.QueryResults`"}})) AS Raw,
            -- Nothing is written as a dash.
            arrayMap(field -> {{one "field"}}, [Raw.1, Raw.2, Raw.3, Raw.4, Raw.5, Raw.6, Raw.7, Raw.8, Raw.9, Raw.10, Raw.11, Raw.12, Raw.13]) AS Fields,
            -- The computer that wrote the event; where that is not told, the one that its shipper ran on.
            {{oneOf "JSONExtract(winlog, 'computer_name', 'String')" "`winlog.computer_name`" "JSONExtract(Event, 'System', 'Computer', 'String')"
                "Hostname" "Computer" "ComputerName" "computer_name" "JSONExtract(System, 'Computer', 'String')"
                "JSONExtract(host, 'name', 'String')" "JSONExtract(host, 'hostname', 'String')" "if(startsWith(host, '{'), '', host)" "`host.name`" "`host.hostname`" "hostname"
                "JSONExtract(agent, 'hostname', 'String')" "`agent.hostname`" "JSONExtract(beat, 'hostname', 'String')"}} AS Host
        FROM {{table "event"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')}
    ),
    named AS
    (
        SELECT
            At, ImportFile, ImportChunk, ImportLine, Host,
            (Fields[1], Fields[2]) AS Process,
            Fields[3] AS Image,
            Fields[4] AS User,
            initcap(Fields[5]) AS Transport,
            lower(Fields[6]) IN ('false', '0', '0.0') AS Inbound,
            [{{address "Fields[7]"}}, {{address "Fields[9]"}}] AS Addresses,
            [{{port "Fields[8]"}}, {{port "Fields[10]"}}] AS Ports,
            Fields[11] AS Hostname,
            Fields[12] AS Query,
            Fields[13] AS Results
        FROM fields
    ),
    -- A file may hold the same line twice; one that came twice has the same lines as often.
    numbered AS
    (
        SELECT
            *,
            if(ImportFile = '', 1, row_number() OVER
                (PARTITION BY ImportFile, ImportChunk, At, Host, Process, Image, Transport, Inbound, Addresses, Ports ORDER BY ImportLine)) AS Occurrence
        FROM named
        WHERE At >= {from:DateTime64(3, 'UTC')} AND At < {to:DateTime64(3, 'UTC')} AND Addresses[1] != '' AND Addresses[2] != ''
    ),
    connections AS
    (
        SELECT
            *,
            -- Which of source and destination is this device: the source of what it began. Otherwise the destination, but of UDP
            -- the source, unless that is a group's address.
            if(NOT Inbound OR (Transport = 'Udp' AND NOT match(Addresses[1], '^(22[4-9]|23\\d)\\.|^ff|\\.255$')), 1, 2) AS Own,
            3 - Own AS Other
        FROM numbered
        ORDER BY At, Host, Process, Image, Transport, Inbound, Addresses, Ports, Occurrence, Hostname
        LIMIT 1 BY At, Host, Process, Image, Transport, Inbound, Addresses, Ports, Occurrence
    ),
    -- What a device was told that a name's addresses are. How long it holds is not told: ten minutes are taken.
    answers AS
    (
        SELECT Host, Address, At AS AnsweredAt, min(Query) AS Name
        FROM
        (
            SELECT
                Host, At, Query,
                {{address "Part"}} AS Address
            FROM named
            ARRAY JOIN arrayMap(part -> trim(part), splitByChar(';', Results)) AS Part
            WHERE Query != '' AND (isIPv4String(Address) OR isIPv6String(Address))
        )
        GROUP BY Host, Address, AnsweredAt
    ),
    -- The hours in which any name was told. Without one in a day, that a connection has no name says nothing.
    told AS
    (
        SELECT groupUniqArray(toStartOfHour(At)) AS Hours FROM named WHERE Query != '' OR Hostname != ''
    )
SELECT
    toDateTime64(At, 3, 'UTC') AS Timestamp,
    connections.Host AS DeviceId,
    connections.Host AS DeviceName,
    -- Sysmon tells of connections that came about.
    if(Inbound, 'InboundConnectionAccepted', 'ConnectionSuccess') AS ActionType,
    Addresses[Other] AS RemoteIP,
    Ports[Other] AS RemotePort,
    -- What the device asked for comes before what Sysmon found for the address.
    multiIf(
        Inbound, '',
        answers.Name != '' AND At <= answers.AnsweredAt + INTERVAL 10 MINUTE, answers.Name,
        Hostname) AS RemoteUrl,
    multiIf(
        Inbound, '',
        answers.Name != '' AND At <= answers.AnsweredAt + INTERVAL 10 MINUTE, 'dns',
        Hostname != '', 'sensor',
        arrayExists(hour -> hour > At - INTERVAL 25 HOUR AND hour <= At, (SELECT Hours FROM told)), '',
        'unknown') AS NameSource,
    Transport AS Protocol,
    Addresses[Own] AS LocalIP,
    -- Sysmon counts neither bytes nor packets, and tells no end.
    NULL AS SentBytes,
    NULL AS ReceivedBytes,
    NULL AS SentPackets,
    NULL AS ReceivedPackets,
    NULL AS DurationMs,
    replaceRegexpOne(Image, '^.*[\\\\/]', '') AS InitiatingProcessFileName,
    if(match(Image, '[\\\\/]'), Image, '') AS InitiatingProcessFolderPath,
    replaceRegexpOne(User, '^.*\\\\', '') AS InitiatingProcessAccountName
FROM (SELECT *, Addresses[Other] AS Address FROM connections) AS connections
ASOF LEFT JOIN answers ON connections.Host = answers.Host AND connections.Address = answers.Address AND connections.At >= answers.AnsweredAt
