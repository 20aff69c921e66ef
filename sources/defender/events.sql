-- Defender's connections of some hours, as network events: one row is one connection; an aggregated report is as many as it
-- counts. Parameters: the hours [from, to), and the networks that are inside.
WITH
    fields AS
    (
        SELECT
            EventTime AS At, ImportFile, ImportChunk, ImportLine,
            -- The streaming export wraps the row as JSON.
            if(properties != '',
                JSONExtract({{one "properties"}}, 'Tuple(DeviceId String, DeviceName String, ActionType String, RemoteIP String, RemotePort String, RemoteUrl String, LocalIP String, LocalPort String, Protocol String, InitiatingProcessFileName String, InitiatingProcessFolderPath String, InitiatingProcessAccountName String, ReportId String, AdditionalFields String)'),
                (DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl, LocalIP, LocalPort, Protocol, InitiatingProcessFileName,
                    InitiatingProcessFolderPath, InitiatingProcessAccountName, ReportId, AdditionalFields)) AS Fields
        FROM {{table "DeviceNetworkEvents"}}
        WHERE EventTime >= {from:DateTime64(3, 'UTC')} - INTERVAL 24 HOUR AND EventTime < {to:DateTime64(3, 'UTC')} + INTERVAL 1 HOUR
    ),
    named AS
    (
        SELECT
            At, ImportFile, ImportChunk, ImportLine,
            {{oneOf "Fields.1" "Fields.2"}} AS Device,
            {{oneOf "Fields.2" "Fields.1"}} AS Name,
            -- An ActionType in any case, and with blanks around it, is the one that Defender documents. One that it does not stays.
            {{one "Fields.3"}} AS Written,
            match(Written, '(?i)AggregatedReport$') AS Aggregated,
            replaceRegexpOne(Written, '(?i)AggregatedReport$', '') AS Told,
            arrayFirst(known -> lower(known) = lower(Told), ['ConnectionSuccess', 'ConnectionAttempt', 'ConnectionFailed', 'ConnectionRequest', 'ConnectionFound',
                'ConnectionAcknowledged', 'InboundConnectionAccepted', 'InboundConnectionAttempted', 'SslConnectionInspected', 'HttpConnectionInspected',
                'DnsConnectionInspected', Told]) AS Action,
            {{address "Fields.4"}} AS Remote,
            {{port "Fields.5"}} AS Port,
            {{one "Fields.6"}} AS Url,
            {{address "Fields.7"}} AS Local,
            Fields.8 AS Source,
            initcap(replaceRegexpOne(lower(Fields.9), 'v[46]$', '')) AS Transport,
            {{one "Fields.10"}} AS Process,
            {{one "Fields.11"}} AS Folder,
            {{one "Fields.12"}} AS Account,
            ifNull(toString({{whole "Fields.13"}}), {{one "Fields.13"}}) AS Report,
            Fields.14 AS Additional
        FROM fields
    ),
    numbered AS
    (
        SELECT
            *,
            -- An event is told by its device, time and ReportId. Where that was left out, one file may hold the same line twice.
            if(Report NOT IN ('', '0') OR ImportFile = '', 1, row_number() OVER
            (
                PARTITION BY ImportFile, ImportChunk, At, Device, Action, Aggregated, Remote, Port, Url, Local, Source, Transport, Process, Account
                ORDER BY ImportLine
            )) AS Occurrence
        FROM named
        WHERE At >= {from:DateTime64(3, 'UTC')} AND At < {to:DateTime64(3, 'UTC')}
            -- What a device listens on, and what was inspected of a connection that has a row of its own, is none. An ActionType that is
            -- not known here is an event with another side: data quality tells that no detector looks at it.
            AND NOT match(Action, '(?i)(Inspected$|^Listening)')
            AND (match(Action, '^(Inbound)?Connection') OR Remote != '' OR Url != '')
    ),
    connections AS
    (
        SELECT
            *,
            startsWith(Action, 'Inbound') AS Inbound,
            -- A report stands for as many connections within an hour, whose times are not known: they have the report's.
            if(Aggregated, toUInt32(least(greatest(ifNull({{whole "JSONExtract(Additional, 'uniqueEventsAggregated', 'String')"}}, 1), 1), 100000)), 1) AS Count
        FROM numbered
        ORDER BY At, Device, Report, Action, Aggregated, Remote, Port, Url, Local, Source, Transport, Process, Account, Occurrence, Additional
        LIMIT 1 BY At, Device, Report, Action, Aggregated, Remote, Port, Url, Local, Source, Transport, Process, Account, Occurrence
    ),
    -- The name that the inspection of the same connection's TLS or HTTP told: from a minute before what tells of the
    -- connection, since the two are told apart from each other, to an hour after it. An address is no name.
    inspected AS
    (
        SELECT Device, Local, Source, Remote, Port, Until, argMin(Told, (Protocol, Told)) AS Host, min(Protocol) AS From
        FROM
        (
            SELECT
                Device, Local, Source, Remote, Port, At + INTERVAL 1 MINUTE AS Until,
                if(Action = 'SslConnectionInspected', 'tls', 'http') AS Protocol,
                if(Protocol = 'tls', JSONExtractString(Additional, 'server_name'), replaceRegexpOne(JSONExtractString(Additional, 'host'), ':[0-9]*$', '')) AS Told
            FROM named
            WHERE Action IN ('SslConnectionInspected', 'HttpConnectionInspected') AND lower(JSONExtractString(Additional, 'direction')) != 'in'
        )
        WHERE Told != '' AND NOT isIPv4String(Told) AND NOT isIPv6String(trim(BOTH '[]' FROM Told))
        GROUP BY Device, Local, Source, Remote, Port, Until
    ),
    -- What a device was told that a name's addresses are: it holds for the time that the answer gives it, for ten minutes at
    -- least and a day at most.
    answers AS
    (
        SELECT Device, Address, AnsweredAt, min(Query) AS Host, max(Holds) AS HoldsFor
        FROM
        (
            SELECT
                Device, At AS AnsweredAt, JSONExtractString(Additional, 'query') AS Query,
                {{address "Answer"}} AS Address,
                least(greatest(ifNull(TTL, 0), 600), 86400) AS Holds
            FROM named
            ARRAY JOIN
                JSONExtract(JSONExtract(Additional, 'answers', 'String'), 'Array(String)') AS Answer,
                arrayResize(JSONExtract(JSONExtract(Additional, 'TTLs', 'String'), 'Array(Nullable(Float64))'),
                    length(JSONExtract(JSONExtract(Additional, 'answers', 'String'), 'Array(String)'))) AS TTL
            WHERE Action = 'DnsConnectionInspected' AND lower(JSONExtractString(Additional, 'direction')) != 'in'
                AND Query != '' AND (isIPv4String(Address) OR isIPv6String(Address))
        )
        GROUP BY Device, Address, AnsweredAt
    ),
    -- The hours in which any name was told. Without one in a day, that a connection has no name says nothing.
    told AS
    (
        SELECT groupUniqArray(toStartOfHour(At)) AS Hours
        FROM named
        WHERE Url != '' OR Action IN ('SslConnectionInspected', 'HttpConnectionInspected', 'DnsConnectionInspected')
    )
SELECT
    toDateTime64(connections.At, 3, 'UTC') AS Timestamp,
    connections.Device AS DeviceId,
    Name AS DeviceName,
    multiIf(
        Inbound, Action,
        -- SYN and ACK came back; and a connection that was there when it was looked.
        Action IN ('ConnectionAcknowledged', 'ConnectionFound'), 'ConnectionSuccess',
        -- What became of the request is not told.
        Action = 'ConnectionRequest', 'ConnectionAttempt',
        Action) AS ActionType,
    connections.Remote AS RemoteIP,
    connections.Port AS RemotePort,
    multiIf(
        Inbound, '',
        Url != '', Url,
        inspected.Host != '' AND inspected.Until <= connections.At + INTERVAL 61 MINUTE, inspected.Host,
        answers.Host != '' AND connections.At <= answers.AnsweredAt + toIntervalSecond(answers.HoldsFor), answers.Host,
        '') AS RemoteUrl,
    multiIf(
        Inbound, '',
        Url != '', 'sensor',
        inspected.Host != '' AND RemoteUrl = inspected.Host, inspected.From,
        RemoteUrl != '', 'dns',
        arrayExists(hour -> hour > connections.At - INTERVAL 25 HOUR AND hour <= connections.At, (SELECT Hours FROM told)), '',
        'unknown') AS NameSource,
    Transport AS Protocol,
    connections.Local AS LocalIP,
    -- Defender counts neither bytes nor packets, and tells no end.
    NULL AS SentBytes,
    NULL AS ReceivedBytes,
    NULL AS SentPackets,
    NULL AS ReceivedPackets,
    NULL AS DurationMs,
    -- The name without its folder, whichever of the two was told.
    replaceRegexpOne(if(Process != '', Process, Folder), '^.*[\\\\/]', '') AS InitiatingProcessFileName,
    Folder AS InitiatingProcessFolderPath,
    Account AS InitiatingProcessAccountName
FROM connections
ASOF LEFT JOIN inspected ON connections.Device = inspected.Device AND connections.Local = inspected.Local AND connections.Source = inspected.Source
    AND connections.Remote = inspected.Remote AND connections.Port = inspected.Port AND connections.At <= inspected.Until
ASOF LEFT JOIN answers ON connections.Device = answers.Device AND connections.Remote = answers.Address AND connections.At >= answers.AnsweredAt
ARRAY JOIN range(Count) AS Report_
